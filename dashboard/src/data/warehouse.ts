import { type Cloud, CloudError, HISTORY, SHARDS } from "../cloud/cloud.ts";
import { type Trouble, troubleOf } from "../cloud/trouble.ts";
import { type Attributes, Columns, Dictionary } from "./columns.ts";
import { type Upload, uploadOf } from "./uploads.ts";

/** What is known of a question: the data with its age, whether more comes, and what is in the way. */
export type Answer<T> = { data: T | undefined; at: number | undefined; loading: boolean; trouble: Trouble | undefined };

/** One question that is asked once, however many ask it at the same time. */
class Question<T> {
  answer: Answer<T> = { data: undefined, at: undefined, loading: false, trouble: undefined };
  private running: Promise<void> | undefined;
  private readonly find: (partly: (data: T) => void) => Promise<T>;
  private readonly changed: () => void;
  private readonly now: () => number;

  constructor(find: (partly: (data: T) => void) => Promise<T>, changed: () => void, now: () => number) {
    this.find = find;
    this.changed = changed;
    this.now = now;
  }

  /** Asks unless it is being asked. What was known stays until something newer is. */
  ask(): Promise<void> {
    this.running ??= this.run().finally(() => (this.running = undefined));
    return this.running;
  }

  private async run(): Promise<void> {
    this.set({ loading: true });
    try {
      const data = await this.find((data) => this.set({ data, at: this.now() }));
      this.set({ data, at: this.now(), loading: false, trouble: undefined });
    } catch (error) {
      this.set({ loading: false, trouble: troubleOf(error) });
    }
  }

  private set(news: Partial<Answer<T>>): void {
    this.answer = { ...this.answer, ...news };
    this.changed();
  }
}

/** How many stores are read side by side. */
const READERS = 6;
/** Many pages arrive at once while stores load; the whole is joined at most so often. */
const JOIN_EVERY = 250;

/** All that was read, in memory, and when to read what again. */
export class Warehouse {
  readonly texts = new Dictionary();
  readonly stores: Question<Upload[]>;
  readonly alerts: Question<Columns>;
  private readonly cloud: Cloud;
  private readonly now: () => number;
  /** The only store that may be read, of a manager. */
  private readonly only: string | undefined;
  private readonly stock = new Map<string, Question<Columns>>();
  private readonly history = new Map<string, Question<Upload[]>>();
  private readonly items = new Map<string, Question<Columns>>();
  private readonly listeners = new Set<() => void>();
  private readonly waiting: (() => void)[] = [];
  private reading = 0;

  constructor(cloud: Cloud, only: string | undefined, now: () => number = Date.now) {
    this.cloud = cloud;
    this.only = only;
    this.now = now;
    this.stores = this.question(async () => (await cloud.stores()).map(uploadOf).sort(byStore));
    this.alerts = this.question((partly) => (only === undefined ? this.readIndex(partly) : this.readOnly(only)));
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The rows of one store. */
  stockOf(store: string): Question<Columns> {
    return this.held(this.stock, store, () =>
      this.question(async () => {
        const rows: Attributes[][] = [];
        await this.oneOfFew(() => this.cloud.stock(store, (page) => rows.push(page)));
        return Columns.of(this.texts, rows.flat(), store);
      }),
    );
  }

  /** The receipts of one store. */
  uploadsOf(store: string): Question<Upload[]> {
    return this.held(this.history, store, () =>
      this.question(async () => (await this.cloud.uploads(store, HISTORY)).map(uploadOf)),
    );
  }

  /** One item in every store that is known. */
  item(item: string): Question<Columns> {
    return this.held(this.items, item, () =>
      this.question(async (partly) => {
        await this.ensure(this.stores);
        const level = async (store: string): Promise<Attributes[]> => {
          const row = await this.oneOfFew(() => this.cloud.level(store, item));
          return row ? [{ ...row, Store: { S: store } }] : [];
        };
        return this.gathered(this.storeNames().map(level), partly);
      }),
    );
  }

  /** The stores that are known: those that upload, and those of which the index tells. */
  storeNames(): string[] {
    if (this.only !== undefined) return [this.only];
    const names = new Set(this.stores.answer.data?.map(({ store }) => store));
    const alerts = this.alerts.answer.data;
    alerts?.arrays.store.forEach((number) => names.add(this.texts.texts[number] as string));
    return [...names].sort(new Intl.Collator().compare);
  }

  /** Reads the stores that were not read yet. */
  async load(stores: readonly string[]): Promise<void> {
    await Promise.all(stores.map((store) => this.ensure(this.stockOf(store))));
  }

  private joined: { answer: Answer<Columns>; of: readonly Question<Columns>[]; versions: readonly unknown[]; at: number } | undefined;

  /** The rows of stores as one: what is there so far, and how many stores are still to come. */
  stockOfAll(stores: readonly string[]): Answer<Columns> & { missing: number } {
    const questions = stores.map((store) => this.stockOf(store));
    const answers = questions.map(({ answer }) => answer);
    const missing = answers.filter(({ data }) => !data).length;
    const state = {
      loading: answers.some(({ loading }) => loading),
      trouble: answers.find(({ trouble }) => trouble)?.trouble,
    };
    const versions = answers.map(({ at }) => at);
    const kept = this.joined;
    const same = kept?.versions.length === versions.length && kept.versions.every((v, i) => v === versions[i] && kept.of[i] === questions[i]);
    if (kept && (same || (state.loading && kept.of.length === questions.length && this.now() - kept.at < JOIN_EVERY))) {
      return { ...kept.answer, ...state, missing };
    }
    const read = questions.filter(({ answer }) => answer.data);
    const { whole, parts } = Columns.join(this.texts, read.map(({ answer }) => answer.data as Columns));
    read.forEach((question, i) => (question.answer = { ...question.answer, data: parts[i] }));
    const ages = answers.flatMap(({ at }) => at ?? []);
    const answer = { data: read.length ? whole : undefined, at: ages.length ? Math.min(...ages) : undefined, ...state };
    this.joined = { answer, of: questions, versions, at: this.now() };
    return { ...answer, missing };
  }

  /** Looks which stores have a newer version, and reads only those again. */
  async poll(): Promise<void> {
    const before = new Map(this.stores.answer.data?.map(({ store, version }) => [store, version]));
    await this.stores.ask();
    const moved = (this.stores.answer.data ?? []).filter(({ store, version }) => before.get(store) !== version);
    const stale = [...this.stock, ...this.history, ...this.items].some(([, { answer }]) => answer.trouble);
    if (!moved.length && !this.alerts.answer.trouble && !stale) return;
    const again = (questions: Map<string, Question<never>>, changed: (key: string) => boolean) =>
      [...questions].filter(([key, { answer }]) => answer.trouble || changed(key)).map(([, question]) => question.ask());
    const hasMoved = (store: string) => moved.some((upload) => upload.store === store);
    await Promise.all([
      ...(moved.length || this.alerts.answer.trouble ? [this.alerts.ask()] : []),
      ...again(this.stock as never, hasMoved),
      ...again(this.history as never, hasMoved),
      ...again(this.items as never, () => moved.length > 0),
    ]);
  }

  /** Asks everything again that has been asked. */
  async refresh(): Promise<void> {
    const asked = [this.stock, this.history, this.items].flatMap((questions) => [...(questions as Map<string, Question<unknown>>).values()]);
    await Promise.all([this.stores, this.alerts, ...asked].map((question) => question.ask()));
  }

  /** Asks what has no answer yet. */
  async ensure(question: Question<never> | Question<Columns> | Question<Upload[]>): Promise<void> {
    const { data, trouble } = question.answer;
    if (!data && !trouble) await question.ask();
  }

  private readIndex(partly: (rows: Columns) => void): Promise<Columns> {
    return this.gathered(Array.from({ length: SHARDS }, (_, shard) => this.cloud.alerts(shard)), partly);
  }

  /** All rows at once, so that none is pushed about by the next; if a part fails, those of the others. */
  private async gathered(parts: Promise<Attributes[]>[], partly: (rows: Columns) => void): Promise<Columns> {
    const answers = await Promise.allSettled(parts);
    const read = answers.filter((answer) => answer.status === "fulfilled");
    const rows = Columns.of(this.texts, read.flatMap(({ value }) => value));
    const failed = answers.find((answer) => answer.status === "rejected");
    if (failed && read.length) partly(rows);
    if (failed) throw new CloudError(troubleOf(failed.reason));
    return rows;
  }

  /** A manager may not read the index, but all rows of the own store. */
  private async readOnly(store: string): Promise<Columns> {
    const question = this.stockOf(store);
    await question.ask();
    if (question.answer.trouble) throw new CloudError(question.answer.trouble);
    return question.answer.data as Columns;
  }

  private question<T>(find: (partly: (data: T) => void) => Promise<T>): Question<T> {
    return new Question(find, () => this.listeners.forEach((listener) => listener()), this.now);
  }

  private held<T>(questions: Map<string, Question<T>>, key: string, make: () => Question<T>): Question<T> {
    let question = questions.get(key);
    if (!question) questions.set(key, (question = make()));
    return question;
  }

  private async oneOfFew<T>(read: () => Promise<T>): Promise<T> {
    if (this.reading >= READERS) await new Promise<void>((go) => this.waiting.push(go));
    this.reading++;
    try {
      return await read();
    } finally {
      this.reading--;
      this.waiting.shift()?.();
    }
  }
}

function byStore(a: Upload, b: Upload): number {
  return a.store < b.store ? -1 : a.store > b.store ? 1 : 0;
}
