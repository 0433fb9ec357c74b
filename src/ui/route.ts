// What a route is: an address, the schemas of what goes in and comes out, and what it does. Handlers are functions of
// plain values; they know no HTTP.
import type { z } from 'zod';
import type { NodePort } from './api.ts';
import type { AccessPort, AccessView } from './api-access.ts';
import type { LogPort } from './api-logs.ts';
import type { RecoveryPort } from './api-recovery.ts';
import type { SettingsPort } from './api-settings.ts';
import { NoQuery } from './inputs.ts';
import type { StreamHub } from './stream.ts';

/** What the server itself knows or keeps. */
export interface Care {
  access: AccessPort;
  logs: LogPort;
  settings: SettingsPort;
  recovery: RecoveryPort;
  place(): Pick<AccessView, 'urls' | 'exposed'>;
}

export interface RouteDeps {
  node: NodePort;
  hub: StreamHub;
  care: Care;
}

/** One route as the server and the API description see it. */
export interface Route {
  method: 'get' | 'post' | 'patch';
  path: string;
  summary: string;
  status: 200 | 201 | 202;
  params?: z.ZodObject;
  query: z.ZodObject;
  body?: z.ZodObject;
  answer: z.ZodType;
  /** Not for other devices, whatever they hold: what it answers is not for the wire. */
  hereOnly?: true;
  run(deps: RouteDeps, input: { params: unknown; query: unknown; body: unknown }): unknown;
  /** Runs once the answer has left. */
  afterAnswer?(deps: RouteDeps): unknown;
}

/** Reads the three inputs with the types of their schemas. */
export function read<Query extends z.ZodObject>(
  path: string,
  summary: string,
  query: Query,
  answer: z.ZodType,
  run: (deps: RouteDeps, query: z.output<Query>) => unknown,
): Route {
  return {
    method: 'get',
    path,
    summary,
    status: 200,
    query,
    answer,
    run: (deps, input) => run(deps, input.query as z.output<Query>),
  };
}

/** A reading of one thing that the path names. */
export function readOne<Params extends z.ZodObject>(
  path: string,
  summary: string,
  params: Params,
  answer: z.ZodType,
  run: (deps: RouteDeps, params: z.output<Params>) => unknown,
): Route {
  return {
    ...read(path, summary, NoQuery, answer, () => undefined),
    params,
    run: (deps, input) => run(deps, input.params as z.output<Params>),
  };
}

export function write<Body extends z.ZodObject>(
  path: string,
  summary: string,
  body: Body,
  answer: z.ZodType,
  run: (deps: RouteDeps, body: z.output<Body>) => unknown,
): Route {
  return {
    method: 'post',
    path,
    summary,
    status: 200,
    query: NoQuery,
    body,
    answer,
    run: (deps, input) => run(deps, input.body as z.output<Body>),
  };
}
