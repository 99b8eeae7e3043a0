import type { Compilable, CompiledQuery } from "kysely";
import type { Expectation, Statement, Storage, Value } from "./storage.ts";

/** Stands in a statement where a value will be. */
class Slot {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A statement that is built and compiled once: building one costs more than running it. */
export class Prepared<Input extends object, Row = unknown> {
  readonly #compiled: CompiledQuery<Row>;

  /** `build` gets a stand-in for each of the names, and puts it where the value belongs. */
  constructor(names: readonly (keyof Input & string)[], build: (slots: Input) => Compilable<Row>) {
    const slots = Object.fromEntries(names.map((name) => [name, new Slot(name)]));
    this.#compiled = build(slots as Input).compile();
  }

  /** As a part of a transaction. */
  statement(input: Input, expects?: Expectation): Statement {
    return { sql: this.#compiled.sql, parameters: this.#parametersFor(input), expects };
  }

  /** As a part of a transaction, run once for each of the inputs. */
  statementForEach(inputs: readonly Input[], expects?: Expectation): Statement {
    const rows: Value[][] = [];
    for (const input of inputs) rows.push(this.#parametersFor(input));
    return { sql: this.#compiled.sql, parameters: [], rows, expects };
  }

  /** All rows of it as a query. */
  rows(storage: Storage, input: Input): Promise<Row[]> {
    return storage.read({ ...this.#compiled, parameters: this.#parametersFor(input) });
  }

  /** Pushed: of lists that `map` makes, a batch of events takes a seventh more CPU, on its way to another thread and there. */
  #parametersFor(input: Input): Value[] {
    const values: Value[] = [];
    for (const parameter of this.#compiled.parameters) {
      values.push((parameter instanceof Slot ? input[parameter.name as keyof Input] : parameter) as Value);
    }
    return values;
  }
}
