// A refusal as the API words it (RFC 9457): a stable code for programs, one sentence for people, and the field where
// there is one.
export const PROBLEM_TYPE = 'application/problem+json';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Token needed',
  403: 'Refused',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'JSON only',
  422: 'Cannot be done',
  429: 'Too many',
  500: 'Internal error',
  503: 'Not available',
};

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  field?: string;
}

export function problem(status: number, code: string, detail: string, field?: string): Problem {
  const title = TITLES[status] ?? 'Error';
  return { type: 'about:blank', title, status, code, detail, ...(field === undefined ? {} : { field }) };
}
