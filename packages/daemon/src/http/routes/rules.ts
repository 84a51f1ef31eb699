import { NamedRule, type Netweir, Rule, RuleName } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { refuseBody } from '../body.ts';
import { answer, BODY_ERRORS, Done, problems } from '../schema.ts';

const RuleParams = z.strictObject({
  name: RuleName.meta({ description: 'A name of your own for it.', examples: ['slow-web'] }),
});

/** Impairments for containers to come. */
export function ruleRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/rules',
      {
        schema: {
          operationId: 'getRules',
          summary: 'The rules for containers, in the order in which they are tried',
          response: { 200: answer('What is in force.', z.array(NamedRule)), ...problems() },
        },
      },
      () => netweir.rules(),
    );
    app.put(
      '/rules/:name',
      {
        schema: {
          operationId: 'putRule',
          summary: 'Puts a rule in force at once, in place of the one of this name',
          params: RuleParams,
          body: Rule,
          response: {
            200: answer('The rule, which is in force until the daemon ends.', NamedRule),
            ...problems(...BODY_ERRORS, 'invalid-combination', 'rule-of-config'),
          },
        },
      },
      ({ params, body }) => netweir.putRule(params.name, body),
    );
    app.delete(
      '/rules/:name',
      {
        preValidation: refuseBody,
        schema: {
          operationId: 'deleteRule',
          summary: 'Ends a rule and puts back what it has set',
          params: RuleParams,
          response: { 204: Done, ...problems('no-such-rule', 'rule-of-config') },
        },
      },
      async ({ params }, reply) => {
        await netweir.deleteRule(params.name);
        return reply.code(204).send();
      },
    );
  };
}
