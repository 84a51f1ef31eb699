import { type Config, type NamedRule, NetweirError, type Rule } from '@netweir/api';

/** The rules in force: those of the API, which live as long as this, and those of the configuration. */
export class RuleBook {
  readonly #own = new Map<string, NamedRule>();
  #configured: readonly NamedRule[] = [];

  /** In the order in which they are tried. One of the API hides one of the same name. */
  list(): NamedRule[] {
    return [...this.#own.values(), ...this.#configured.filter(({ name }) => !this.#own.has(name))];
  }

  configure({ rules = {} }: Config): void {
    this.#configured = Object.entries(rules).map(([name, rule]) => ({
      name,
      rule,
      source: 'config',
    }));
  }

  /** @throws NetweirError `rule-of-config` */
  put(name: string, rule: Rule): NamedRule {
    if (!this.#own.has(name)) this.#refuseConfigured(name);
    const named: NamedRule = { name, rule, source: 'api' };
    this.#own.set(name, named);
    return named;
  }

  /** @throws NetweirError `no-such-rule`, `rule-of-config` */
  delete(name: string): void {
    if (this.#own.delete(name)) return;
    this.#refuseConfigured(name);
    const names = this.list().map((one) => one.name);
    throw new NetweirError('no-such-rule', `there is no rule ${name}`, {
      remedy: names.length > 0 ? `There are: ${names.join(', ')}.` : 'There are no rules.',
    });
  }

  #refuseConfigured(name: string): void {
    if (!this.#configured.some((one) => one.name === name)) return;
    throw new NetweirError('rule-of-config', `the rule ${name} is in the configuration file`, {
      remedy: 'Change it there, which takes effect at once, or choose another name.',
    });
  }
}
