// What both Python exports share: the head of the file, and distances as expressions.
import { describeStrategy } from '../describe-strategy.ts';
import { commonLimits } from './limits.ts';
import { type ExportSubject, oneLine, provenanceLines } from './subject.ts';

/** A comment of the rules, the provenance, and what differs there. */
export function pythonHead(subject: ExportSubject, limits: readonly string[]): string {
  const lines = [
    oneLine(describeStrategy(subject.strategy)),
    ...provenanceLines(subject),
    '',
    'What differs here from the figures above:',
    ...[...limits, ...commonLimits(subject)].map((line) => `- ${line}`),
  ];
  return lines.map((line) => `# ${line}`.trimEnd()).join('\n');
}
