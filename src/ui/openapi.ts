// The description of the API, made from the schemas that validate it.
import { z } from 'zod';
import { ProblemAnswer } from './answers.ts';
import { OkAnswer, SessionBody } from './answers-care.ts';
import { EventsQuery } from './inputs.ts';
import { PROBLEM_TYPE } from './problem.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';

type Fields = Record<string, unknown>;

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Fields {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Fields[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: schemaOf(field as z.ZodType, 'output'),
  }));
}

const REFUSAL = {
  description: 'Refused: a code for programs, a sentence for people',
  content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
};

const answer = (description: string, type: string, schema: Fields): Fields => ({
  description,
  content: { [type]: { schema } },
});

function operationOf(route: Route): Fields {
  const body =
    route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } } };
  return {
    summary: route.summary,
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...body,
    responses: {
      [route.status]: answer(route.summary, 'application/json', schemaOf(route.answer, 'output')),
      default: REFUSAL,
    },
  };
}

function describePaths(): Fields {
  const paths: Record<string, Fields> = {
    '/api/v1/events': {
      get: {
        summary: 'Follows the snapshot: `patch`, `event` and `resync` as server-sent events',
        parameters: parametersOf(EventsQuery, 'query'),
        responses: { 200: answer('The stream', 'text/event-stream', { type: 'string' }), default: REFUSAL },
      },
    },
    '/api/session': {
      post: {
        summary: 'Signs a browser in: the answer sets its cookie',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: schemaOf(SessionBody, 'input') } },
        },
        responses: { 201: answer('Signed in', 'application/json', schemaOf(OkAnswer, 'output')), default: REFUSAL },
      },
      delete: {
        summary: 'Signs it out',
        responses: { 200: answer('Signed out', 'application/json', schemaOf(OkAnswer, 'output')), default: REFUSAL },
      },
    },
    '/metrics': {
      get: {
        summary: 'Figures for Prometheus',
        responses: { 200: answer('Text exposition format 0.0.4', 'text/plain', { type: 'string' }), default: REFUSAL },
      },
    },
    '/healthz': {
      get: {
        summary: 'Answers while the server lives',
        responses: {
          200: answer('Alive', 'application/json', {
            type: 'object',
            properties: { ok: { const: true } },
            required: ['ok'],
          }),
        },
      },
    },
  };
  for (const route of ROUTES) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return paths;
}

/** The OpenAPI 3.1 document. */
export function describeApi(version: string): Fields {
  return {
    openapi: '3.1.0',
    info: {
      title: 'stratmesh',
      version,
      description: 'The API of one node. Writes need the Origin of the page itself or a bearer token, and a JSON body.',
    },
    paths: describePaths(),
    components: {
      schemas: { Problem: schemaOf(ProblemAnswer, 'output') },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{}, { token: [] }],
  };
}
