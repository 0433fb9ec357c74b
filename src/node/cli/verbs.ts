// Every verb of the command line, in the order of the help.
import { backtestVerb } from '../verbs/backtest.ts';
import { benchVerb } from '../verbs/bench.ts';
import { configVerb } from '../verbs/config.ts';
import {
  dataFetchVerb,
  dataImportVerb,
  dataListVerb,
  dataPreviewVerb,
  dataRemoveVerb,
  dataSampleVerb,
  dataShowVerb,
} from '../verbs/data.ts';
import { dataDownloadVerb, dataUpdateVerb } from '../verbs/data-download.ts';
import { dataCompareVerb, dataLargerVerb } from '../verbs/data-shape.ts';
import { exportVerb } from '../verbs/export.ts';
import { indicatorVerb } from '../verbs/indicator.ts';
import { jobPauseVerb, jobResumeVerb, jobStopVerb } from '../verbs/job-steer.ts';
import {
  ledgerDisputesVerb,
  ledgerExportVerb,
  ledgerLogVerb,
  ledgerRootVerb,
  ledgerVerifyVerb,
} from '../verbs/ledger.ts';
import { finishVerb, limitsVerb, pauseVerb, resumeVerb } from '../verbs/limits.ts';
import { logsVerb } from '../verbs/logs.ts';
import { memberShowVerb } from '../verbs/member-show.ts';
import {
  inviteVerb,
  leaveVerb,
  memberPingVerb,
  memberRenameVerb,
  recoveryShowVerb,
  revokeVerb,
} from '../verbs/members.ts';
import { joinVerb, membersVerb, statusVerb } from '../verbs/mesh.ts';
import { mineVerb } from '../verbs/mine.ts';
import { admitVerb, pendingVerb, refuseVerb } from '../verbs/pairing.ts';
import { serviceInstallVerb, serviceStatusVerb, serviceUninstallVerb } from '../verbs/service.ts';
import { startVerb } from '../verbs/start.ts';
import { tokenDropVerb, tokenListVerb, tokenNewVerb } from '../verbs/token.ts';
import {
  jobCreateVerb,
  jobListVerb,
  jobPermuteVerb,
  jobShowVerb,
  jobVerdictVerb,
  resultShowVerb,
  resultsVerb,
} from '../verbs/work.ts';
import type { Verb } from './verb.ts';

export const VERBS: readonly Verb[] = [
  startVerb,
  statusVerb,
  membersVerb,
  inviteVerb,
  joinVerb,
  pendingVerb,
  admitVerb,
  refuseVerb,
  memberShowVerb,
  memberRenameVerb,
  memberPingVerb,
  revokeVerb,
  leaveVerb,
  recoveryShowVerb,
  jobCreateVerb,
  jobListVerb,
  jobShowVerb,
  jobVerdictVerb,
  jobPauseVerb,
  jobResumeVerb,
  jobStopVerb,
  jobPermuteVerb,
  resultsVerb,
  resultShowVerb,
  exportVerb,
  ledgerRootVerb,
  ledgerLogVerb,
  ledgerDisputesVerb,
  ledgerExportVerb,
  ledgerVerifyVerb,
  dataPreviewVerb,
  dataImportVerb,
  dataDownloadVerb,
  dataUpdateVerb,
  dataListVerb,
  dataShowVerb,
  dataFetchVerb,
  dataRemoveVerb,
  dataLargerVerb,
  dataCompareVerb,
  dataSampleVerb,
  mineVerb,
  backtestVerb,
  indicatorVerb,
  benchVerb,
  pauseVerb,
  resumeVerb,
  finishVerb,
  limitsVerb,
  logsVerb,
  configVerb,
  tokenNewVerb,
  tokenListVerb,
  tokenDropVerb,
  serviceInstallVerb,
  serviceUninstallVerb,
  serviceStatusVerb,
];
