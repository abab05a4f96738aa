import { CHECK_CATEGORIES } from '../../contract/checks.js';
import { SYMPTOMS } from './causes.js';
import { keyOf, type Examined, type Key } from './examined.js';
import { belowEach, type Below } from './graph.js';

/**
 * certain: it fails, and everything below it holds. likely: a part differs from the topology, which may be harmless.
 * unclear: a symptom whose cause was not found, or something below it could not be looked at.
 */
export type Certainty = 'certain' | 'likely' | 'unclear';

/** A check that fails, and below which nothing else fails. */
export interface Cause {
  check: Examined;
  certainty: Certainty;
  /** Checks that fail, or could not be looked at, because of it. */
  explains: readonly Key[];
  /** Of these, what fails by itself if the cause turns out to be harmless. */
  otherwise: readonly Key[];
  /** Checks below it that could not be looked at. */
  unseen: readonly Key[];
  /** Nothing that matters fails because of it. */
  isWarning: boolean;
}

/** healthy: all holds. warned: nothing that matters fails. found: the first cause is known. unclear: it is not. */
export type Health = 'healthy' | 'warned' | 'found' | 'unclear';

export interface Diagnosis {
  health: Health;
  /** The first is the one to work on. */
  causes: readonly Cause[];
  /** Checks that got no response and that no cause explains. */
  unseen: readonly Key[];
}

const fails = ({ verdict }: Examined): boolean => verdict.state === 'fail';
const matters = (each: Examined): boolean => fails(each) && each.severity === 'error';
const isUnseen = ({ verdict, silent }: Examined): boolean => verdict.state === 'skip' && silent === true;

/** Puts first what explains most of what fails. What is not known is never a cause. */
export function diagnose(all: readonly Examined[], hub: string): Diagnosis {
  const graph = new Graph(all, hub);
  const causes = graph.roots
    .map((root) => graph.causeOf(root))
    .sort((left, right) => compare(graph.rankOf(left), graph.rankOf(right)));
  const explained = new Set(causes.flatMap(({ explains }) => explains));
  const unseen = all.filter((each) => isUnseen(each) && !explained.has(keyOf(each))).map(keyOf);
  return { health: healthOf(causes, unseen), causes, unseen };
}

function healthOf(causes: readonly Cause[], unseen: readonly Key[]): Health {
  const [first] = causes;
  if (first === undefined || first.isWarning)
    return unseen.length > 0 ? 'unclear' : first === undefined ? 'healthy' : 'warned';
  return first.certainty === 'unclear' ? 'unclear' : 'found';
}

class Graph {
  readonly roots: readonly Examined[];
  readonly #all: readonly Examined[];
  readonly #below: ReadonlyMap<Key, Below>;
  readonly #failed: ReadonlySet<Key>;
  /** What fails because of something that says why. */
  readonly #explainedForSure: ReadonlySet<Key>;

  constructor(all: readonly Examined[], hub: string) {
    this.#all = all;
    this.#below = belowEach(all, hub);
    const failing = all.filter(fails);
    this.#failed = new Set(failing.map(keyOf));
    this.roots = failing.filter((each) => !this.#hasFailed(this.#of(each).all));
    const sure = this.roots.filter(({ part }) => part === undefined).map(keyOf);
    this.#explainedForSure = new Set(
      all.filter((each) => sure.some((root) => this.#isExplained(each, root))).map(keyOf),
    );
  }

  causeOf(root: Examined): Cause {
    const key = keyOf(root);
    const explained = this.#all.filter((each) => this.#isExplained(each, key));
    const below = this.#of(root).all;
    const unseen = this.#all.filter((each) => below.has(keyOf(each)) && isUnseen(each)).map(keyOf);
    const others = explained.filter((each) => !this.#explainedForSure.has(keyOf(each)));
    const telling = root.part === undefined ? explained : others;
    return {
      check: root,
      certainty: certaintyOf(root, unseen),
      explains: explained.map(keyOf),
      otherwise: root.part === undefined ? [] : others.filter((each) => this.#failsByItself(each)).map(keyOf),
      unseen,
      isWarning: !matters(root) && !telling.some(matters),
    };
  }

  /** The smallest comes first. */
  rankOf({ check, certainty, explains, isWarning }: Cause): number[] {
    const told = check.part === undefined ? explains : explains.filter((key) => !this.#explainedForSure.has(key));
    return [
      Number(isWarning),
      -told.length,
      ['certain', 'likely', 'unclear'].indexOf(certainty),
      CHECK_CATEGORIES.indexOf(check.category),
    ];
  }

  #of(each: Examined): Below {
    return this.#below.get(keyOf(each)) ?? { sure: new Set(), all: new Set(), needed: new Set() };
  }

  /** What was not looked at is explained by what explains that which it needs. */
  #isExplained(each: Examined, cause: Key): boolean {
    if (fails(each)) return this.#of(each).all.has(cause);
    if (each.verdict.state === 'pass') return false;
    return [...this.#of(each).needed].some(
      (key) => this.#failed.has(key) && (key === cause || this.#below.get(key)?.all.has(cause) === true),
    );
  }

  #hasFailed(keys: ReadonlySet<Key>): boolean {
    return [...keys].some((key) => this.#failed.has(key));
  }

  #failsByItself(each: Examined): boolean {
    return fails(each) && !this.#hasFailed(this.#of(each).sure);
  }
}

function certaintyOf({ id, part, silent }: Examined, unseen: readonly Key[]): Certainty {
  if (silent === true || unseen.length > 0 || SYMPTOMS.has(id)) return 'unclear';
  return part === undefined ? 'certain' : 'likely';
}

function compare(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((value, index) => value !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}
