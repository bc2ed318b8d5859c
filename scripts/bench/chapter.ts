import type { LocalSts } from '../../tools/local-sts/server.ts';
import type { Figures } from './figures.ts';
import type { Env } from './homes.ts';
import type { Subject } from './measure.ts';
import type { Row } from './table.ts';

/** Some subjects, and what their figures say in the report. */
export interface Chapter {
  readonly subjects: readonly Subject[];
  readonly rows: (of: (name: string) => Figures) => readonly Row[];
  readonly note?: string;
}

/** What every chapter of the benchmark is given. */
export interface Ground {
  /** Where files may be put; it is removed at the end. */
  readonly root: string;
  readonly project: string;
  /** The built program. */
  readonly core: string;
  readonly sts: LocalSts;
  readonly nodes: readonly string[];
  /** Two profiles and 2,000, with a session in the cache of each. */
  readonly few: Env;
  readonly many: Env;
  /** Chains of 100 and 400 roles. */
  readonly chains: readonly Env[];
  /** What a shell exports that holds the session. */
  readonly held: Env;
}
