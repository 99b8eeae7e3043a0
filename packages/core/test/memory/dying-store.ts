import { MemoryStore } from "../../src/index.ts";

/**
 * A store whose thread dies after `writes` more writes to shared memory, wherever in a call that is. Of what comes after
 * it, `finally` blocks among it, the memory sees nothing.
 */
export class DyingStore {
  readonly #store: MemoryStore;
  readonly #memory: Mortal;

  constructor(memory: SharedArrayBuffer, owner: number, writes: number) {
    this.#memory = new Mortal(writes);
    this.#store = this.#memory.run(() => new MemoryStore(memory, owner)) as MemoryStore;
  }

  /** Whether the thread survives the call. */
  run(call: (store: MemoryStore) => void): boolean {
    this.#memory.run(() => call(this.#store));
    return this.#memory.isAlive;
  }
}

/** Views of shared memory that take a given number of writes, and then no more. */
class Mortal {
  readonly #arrays = new Map<object, Int32Array | Float64Array>();
  #writesLeft: number;

  constructor(writes: number) {
    this.#writesLeft = writes;
  }

  get isAlive(): boolean {
    return this.#writesLeft >= 0;
  }

  /** Runs `call` with every view that it makes of shared memory, and every atomic operation on one, counted. */
  run<Result>(call: () => Result): Result | undefined {
    const real = { Int32Array, Float64Array, Atomics };
    Object.assign(globalThis, {
      Int32Array: this.#counted(Int32Array),
      Float64Array: this.#counted(Float64Array),
      Atomics: this.#atomics(),
    });
    try {
      return call();
    } catch (error) {
      if (this.isAlive) throw error;
      return undefined;
    } finally {
      Object.assign(globalThis, real);
    }
  }

  #write(write: () => void): boolean {
    if (!this.isAlive) return true;
    this.#writesLeft -= 1;
    if (!this.isAlive) throw new Error("died");
    write();
    return true;
  }

  #counted<View extends Int32ArrayConstructor | Float64ArrayConstructor>(views: View): View {
    return new Proxy(views, {
      construct: (target, args) => {
        const array = Reflect.construct(target, args) as Int32Array | Float64Array;
        return args[0] instanceof SharedArrayBuffer ? this.#view(array) : array;
      },
    });
  }

  #view(array: Int32Array | Float64Array): object {
    const fill = (value: number, from: number, to: number) => {
      for (let i = from; i < to; i++) this.#write(() => array.fill(value, i, i + 1));
    };
    const view = new Proxy(array, {
      get: (_, name) => (name === "fill" ? fill : Reflect.get(array, name)),
      set: (_, name, value) => this.#write(() => Reflect.set(array, name, value)),
    });
    this.#arrays.set(view, array);
    return view;
  }

  #atomics(): Partial<typeof Atomics> {
    const { load, store, compareExchange } = Atomics;
    const real = (view: object) => this.#arrays.get(view) as Int32Array;
    return {
      load: (view: object, index: number) => load(real(view), index),
      store: (view: object, index: number, value: number) => {
        this.#write(() => store(real(view), index, value));
        return value;
      },
      compareExchange: (view: object, index: number, expected: number, value: number) => {
        let found = expected;
        this.#write(() => {
          found = compareExchange(real(view), index, expected, value);
        });
        return found;
      },
    } as Partial<typeof Atomics>;
  }
}
