import { CATEGORY_TITLES, CHECK_CATEGORIES, countChecks, type CheckCategory } from '../../../contract/checks.js';
import type { Cause, Diagnosis } from '../../../domain/diagnosis/diagnose.js';
import { keyOf, type Examined, type Key, type Patient } from '../../../domain/diagnosis/examined.js';
import { remedyFor, type Remedy } from '../../../domain/diagnosis/remedies.js';
import type { Sighting } from '../../../doctor/examine.js';
import { commandLine } from '../../invocation.js';
import { checksText } from '../../terminal/checks.js';
import type { Style } from '../../terminal/style.js';

interface Shown {
  style: Style;
  /** Also what holds. */
  verbose: boolean;
}

/** The cause to work on, then the others, then every check from hosts to messages. */
export function renderDiagnosis({ patient, checks }: Sighting, diagnosis: Diagnosis, shown: Shown): string {
  const { style } = shown;
  const [first, ...others] = diagnosis.causes;
  const render = new Rendering(patient, checks, diagnosis, shown);
  return [
    ...render.verdict(first),
    ...(others.length === 0 ? [] : ['', style.bold('Also:'), ...others.flatMap((cause) => render.other(cause))]),
    '',
    ...CHECK_CATEGORIES.flatMap((category) => render.category(category)),
    '',
    checksText(countChecks(checks)),
  ].join('\n');
}

class Rendering {
  readonly #patient: Patient;
  readonly #checks: readonly Examined[];
  readonly #known: ReadonlyMap<Key, Examined>;
  readonly #diagnosis: Diagnosis;
  readonly #shown: Shown;

  constructor(patient: Patient, checks: readonly Examined[], diagnosis: Diagnosis, shown: Shown) {
    this.#patient = patient;
    this.#checks = checks;
    this.#known = new Map(checks.map((each) => [keyOf(each), each]));
    this.#diagnosis = diagnosis;
    this.#shown = shown;
  }

  verdict(first: Cause | undefined): string[] {
    const { style } = this.#shown;
    const { health, unseen } = this.#diagnosis;
    if (first === undefined && health === 'healthy')
      return [style.green(`✔ nothing is wrong with ${this.#patient.topology}`)];
    if (first === undefined)
      return [
        style.red('? the cause is not known: nothing fails, and some checks got no response'),
        ...this.#list('no response', unseen),
      ];
    return [this.#headline(first), ...this.#details(first), ...this.#list('no response', unseen)];
  }

  #headline({ check, certainty, isWarning }: Cause): string {
    const { style } = this.#shown;
    const text = `${because(check)} ${style.dim(`(${check.subject})`)}`;
    if (isWarning) return `${style.yellow('! Nothing fails yet:')} ${text}`;
    if (certainty === 'unclear') return `${style.red('? The cause is not known. Lowest of what fails:')} ${text}`;
    return `${style.red(certainty === 'likely' ? '✖ Likely cause:' : '✖ Cause:')} ${text}`;
  }

  #details({ check, explains, otherwise, unseen }: Cause): string[] {
    const { verdict } = check;
    const saw = verdict.state === 'fail' ? verdict.saw : undefined;
    return [
      `  ${this.#label('check')}${check.title} (${check.id})`,
      ...(saw === undefined ? [] : [`  ${this.#label('saw')}${saw}`]),
      ...this.#explained(explains),
      ...this.#list('not seen', unseen),
      ...this.#remedy(check),
      ...(otherwise.length === 0 ? [] : this.#list('if it still fails', otherwise)),
      this.#shown.style.dim(`  ${this.#label('docs')}docs/troubleshooting.md#${check.docs}`),
    ];
  }

  other(cause: Cause): string[] {
    const { style } = this.#shown;
    const { check, explains } = cause;
    const mark = cause.isWarning ? style.yellow('!') : style.red('✖');
    const more = explains.length === 0 ? '' : style.dim(`, which explains ${counted(explains.length)}`);
    return [
      `  ${mark} ${because(check)} ${style.dim(`(${check.id}, ${check.subject})`)}${more}`,
      ...this.#remedy(check).map((line) => `  ${line}`),
    ];
  }

  category(category: CheckCategory): string[] {
    const { style, verbose } = this.#shown;
    const all = this.#checks.filter((check) => check.category === category);
    if (all.length === 0) return [];
    const [holding, skipped] = [STATES.pass, STATES.skip].map((is) => all.filter(is).length);
    const lines = all
      .filter((check) => verbose || !STATES.pass(check))
      .filter((check) => verbose || !this.#isToldAbove(check));
    const count = `${holding} of ${all.length} hold${skipped === 0 ? '' : `, ${skipped} not looked at`}`;
    return [
      `${style.bold(CATEGORY_TITLES[category])}  ${holding === all.length ? style.green(`✔ ${holding}`) : count}`,
      ...lines.map((check) => `  ${this.#line(check)}`),
    ];
  }

  #line(check: Examined): string {
    const { style } = this.#shown;
    const { verdict, subject, title, severity } = check;
    const text = `${subject}  ${title}`;
    if (verdict.state === 'pass')
      return `${style.green('✔')} ${text}${style.dim(verdict.note === undefined ? '' : ` (${verdict.note})`)}`;
    if (verdict.state === 'skip') return style.dim(`– ${text}: ${verdict.because}`);
    const cause = this.#causeOf(check);
    const mark = severity === 'error' ? style.red('✖') : style.yellow('!');
    return `${mark} ${text}: ${verdict.because}${style.dim(cause === undefined ? '' : ` (because of ${cause})`)}`;
  }

  /** Not looked at, because of a cause that is told. */
  #isToldAbove(check: Examined): boolean {
    return STATES.skip(check) && this.#causeOf(check) !== undefined;
  }

  #causeOf(check: Examined): string | undefined {
    const key = keyOf(check);
    return this.#diagnosis.causes.find(({ explains }) => explains.includes(key))?.check.id;
  }

  #remedy(check: Examined): string[] {
    const remedy = remedyFor(check, this.#patient);
    const command = commandOf(remedy);
    return [
      `  ${this.#label('do')}${remedy.say}`,
      ...(command === undefined ? [] : [`  ${' '.repeat(LABEL)}${this.#shown.style.cyan(command)}`]),
    ];
  }

  #explained(keys: readonly Key[]): string[] {
    if (keys.length === 0) return [];
    const names = [...new Set(keys.flatMap((key) => this.#known.get(key)?.id ?? []))];
    return [`  ${this.#label('explains')}${counted(keys.length)}: ${some(names)}`];
  }

  #list(label: string, keys: readonly Key[]): string[] {
    if (keys.length === 0) return [];
    return [`  ${this.#label(label)}${some(keys.map((key) => key.replace('@', ' of ')))}`];
  }

  #label(text: string): string {
    return this.#shown.style.bold(`${text}:`.padEnd(LABEL));
  }
}

const STATES = {
  pass: ({ verdict }: Examined): boolean => verdict.state === 'pass',
  skip: ({ verdict }: Examined): boolean => verdict.state === 'skip',
};

const LABEL = 19;
const MAX_NAMES = 8;

function some(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const counted = (count: number): string => (count === 1 ? '1 other check' : `${count} other checks`);

const because = ({ verdict, title }: Examined): string => (verdict.state === 'pass' ? title : verdict.because);

const commandOf = ({ leafspan, shell }: Remedy): string | undefined =>
  leafspan === undefined ? shell : commandLine(leafspan);

/** For scripts: causes in order, and every check with what it stands on. */
export const asJson = ({ patient, checks }: Sighting, { health, causes, unseen }: Diagnosis): object => ({
  topology: patient.topology,
  health,
  causes: causes.map(({ check, ...cause }) => {
    const remedy = remedyFor(check, patient);
    const command = commandOf(remedy);
    const { id, subject, cluster, severity, verdict, docs } = check;
    return {
      id,
      subject,
      cluster,
      severity,
      docs,
      verdict,
      ...cause,
      remedy: { do: remedy.say, ...(command === undefined ? {} : { command }) },
    };
  }),
  unseen,
  checks,
});
