// Judgements on the disk, one file a job: a node that was restarted does not judge again what it has judged. A file says by which
// program and thresholds it was made; under others, or damaged, it is as good as none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../engine/canonical-json.ts';
import type { Thresholds } from '../../engine/statistics/thresholds.ts';
import { type Hex, utf8 } from '../../protocol/bytes.ts';
import type { Judgement } from '../../ui/api-verdict.ts';
import { replaceFile } from '../atomic-file.ts';
import { VERSION } from '../version.ts';

/** `key`: of the basis that it rests on. `at`: ms since 1970. */
export interface KeptReport {
  key: Hex;
  at: number;
  judgement: Judgement;
}

export interface Reports {
  find(job: Hex): KeptReport | undefined;
  /** What cannot be written is judged again after a restart. Never rejects. */
  keep(job: Hex, report: KeptReport): Promise<void>;
}

const FORM = 2;

export function openReports(folder: string, thresholds: Thresholds): Reports {
  const made = { form: FORM, program: VERSION, thresholds };
  const pathOf = (job: Hex): string => join(folder, `${job}.json`);
  return {
    find(job) {
      try {
        const { key, at, judgement, ...rest } = JSON.parse(readFileSync(pathOf(job), 'utf8')) as KeptReport;
        const isOurs = canonicalJson(rest) === canonicalJson(made);
        const isWhole = typeof key === 'string' && typeof at === 'number' && typeof judgement?.verdict === 'string';
        return isOurs && isWhole ? { key, at, judgement } : undefined;
      } catch {
        return undefined;
      }
    },
    async keep(job, report) {
      await replaceFile(pathOf(job), utf8(JSON.stringify({ ...made, ...report }))).catch(() => undefined);
    },
  };
}
