// A refusal as the API words it (RFC 9457): a stable code for programs, one sentence for people, and the field where
// there is one.
import { STATUS_CODES } from 'node:http';

export const PROBLEM_TYPE = 'application/problem+json';

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  field?: string;
}

export function problem(status: number, code: string, detail: string, field?: string): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, code, detail, ...(field === undefined ? {} : { field }) };
}
