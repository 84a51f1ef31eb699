import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { pino } from 'pino';
import * as z from 'zod';
import { createApp } from './app.ts';
import { FakeNetweir } from './fake-netweir.test-helper.ts';

const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z
    .array(z.looseObject({ name: z.string(), in: z.enum(['path', 'query', 'header']) }))
    .optional(),
  requestBody: z.looseObject({ required: z.literal(true) }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/u),
    z.looseObject({
      description: z.string().min(1),
      content: z.record(z.string(), z.looseObject({ schema: z.unknown() })).optional(),
    }),
  ),
});

const Document = z.looseObject({
  openapi: z.string().regex(/^3\.1\.\d+$/u),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string().startsWith('/'), z.record(z.string(), Operation)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
  security: z.array(z.record(z.string(), z.array(z.string()))),
});

const ROUTES = [
  'DELETE /api/v1/interfaces/{space}/{name}/impairment',
  'DELETE /api/v1/labs/{name}',
  'DELETE /api/v1/probes/{id}',
  'DELETE /api/v1/remembered',
  'DELETE /api/v1/rules/{name}',
  'GET /api/v1/capabilities',
  'GET /api/v1/events',
  'GET /api/v1/interfaces/{space}/{name}/impairment',
  'GET /api/v1/inventory',
  'GET /api/v1/labs',
  'GET /api/v1/labs/{name}',
  'GET /api/v1/labs/{name}/nodes/{node}/namespaces',
  'GET /api/v1/openapi.json',
  'GET /api/v1/rules',
  'GET /api/v1/topology',
  'GET /openapi.json',
  'POST /api/v1/interfaces/{space}/{name}/impairment/confirmation',
  'POST /api/v1/interfaces/{space}/{name}/impairment/preview',
  'POST /api/v1/interfaces/{space}/{name}/link',
  'POST /api/v1/labs/{name}/changes',
  'POST /api/v1/measurements',
  'POST /api/v1/restore',
  'PUT /api/v1/interfaces/{space}/{name}/impairment',
  'PUT /api/v1/labs/{name}',
  'PUT /api/v1/probes/{id}',
  'PUT /api/v1/rules/{name}',
];

describe('the OpenAPI document', () => {
  let document: z.infer<typeof Document>;
  let registered: string[];
  before(async () => {
    const options = {
      netweir: new FakeNetweir(),
      pageDirectory: '/nonexistent',
      version: '1.2.3',
      logger: pino({ level: 'silent' }),
    };
    const app = await createApp(options, 'token');
    const answer = await app.inject({ url: '/openapi.json', headers: { host: 'localhost' } });
    document = Document.parse(answer.json());
    registered = ROUTES.filter((route) => {
      const [method = '', path = ''] = route.split(' ');
      const url = path.replaceAll(/\{(\w+)\}/gu, ':$1');
      return app.hasRoute({ method: method as 'GET', url });
    });
    await app.close();
  });

  test('describes exactly the routes that there are', () => {
    const described = operations().map(([method, path]) => `${method.toUpperCase()} ${path}`);
    assert.deepEqual(described.toSorted(), ROUTES);
    assert.deepEqual(registered, ROUTES);
  });

  test('carries the version that it was given', () => {
    assert.equal(document.info.version, '1.2.3');
  });

  test('every reference leads somewhere, and every component is used', () => {
    const refs = new Set<string>();
    JSON.stringify(document, (key, value: unknown) => {
      if (key === '$ref') refs.add(String(value));
      return value;
    });
    const names = Object.keys(document.components.schemas).map((n) => `#/components/schemas/${n}`);
    assert.deepEqual([...refs].toSorted(), names.toSorted());
  });

  test('names the schemas of the contract as the contract does', () => {
    assert.deepEqual(Object.keys(document.components.schemas).toSorted(), [
      'Capabilities',
      'Comparison',
      'Container',
      'ContainerNetwork',
      'Counters',
      'DelayFigures',
      'Direction',
      'EventMessage',
      'Firewall',
      'FirewallConfig',
      'Forgotten',
      'Impairment',
      'ImpairmentReport',
      'Interface',
      'Inventory',
      'IpSupport',
      'LabChange',
      'LabDevice',
      'LabEvent',
      'LabExchange',
      'LabFile',
      'LabFileCondition',
      'LabFileConditions',
      'LabInterface',
      'LabNamespaces',
      'LabRegion',
      'LabRegionLink',
      'LabRouter',
      'LabState',
      'LabSummary',
      'LinkCondition',
      'LinkConditions',
      'LinkState',
      'Measurement',
      'MeasurementRequest',
      'NamedRule',
      'Nat',
      'NatConfig',
      'NatV6',
      'OnTheWay',
      'OneWayFigures',
      'Operation',
      'Probe',
      'ProbeRequest',
      'Problem',
      'RestoreReport',
      'RoundTripFigures',
      'Rule',
      'RuntimeStatus',
      'Space',
      'Topology',
      'TopologyEdge',
      'TopologyNode',
      'TrafficMatch',
      'TrafficRule',
    ]);
  });

  test('every operation has a name of its own, and each problem is a problem document', () => {
    const ids = operations().map(([, , { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const [method, path, { responses }] of operations()) {
      for (const status of ['400', '401', '403', '500']) assert.ok(responses[status], path);
      for (const [status, { content, description }] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        assert.deepEqual(
          content,
          { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          `${method} ${path} ${status}`,
        );
        assert.match(description, /^`[a-z-]+`: /u);
      }
    }
  });

  test('every parameter of a path is described', () => {
    for (const [, path, { parameters = [] }] of operations()) {
      const named = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name);
      const described = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      assert.deepEqual(described.toSorted(), named.toSorted());
    }
  });

  test('says which security schemes hold where', () => {
    const schemes = Object.keys(document.components.securitySchemes);
    assert.deepEqual(schemes, ['bearer', 'query']);
    assert.deepEqual(document.security, [{ bearer: [] }]);
    const free = operations().filter(([, , { security }]) => security?.length === 0);
    assert.deepEqual(free.map(([, path]) => path).toSorted(), [
      '/api/v1/openapi.json',
      '/openapi.json',
    ]);
  });

  function operations(): [method: string, path: string, operation: z.infer<typeof Operation>][] {
    return Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) =>
          [method, path, operation] as [string, string, z.infer<typeof Operation>],
      ),
    );
  }
});
