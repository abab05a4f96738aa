import { parse, type DefaultTreeAdapterTypes as Tree } from 'parse5';

interface Element {
  name: string;
  attributes: Record<string, string>;
  /** Everything that it shows, markup resolved. */
  text: string;
}

interface Page {
  /** Where the text is not HTML as the standard has it. */
  errors: string[];
  elements: readonly Element[];
  /** What a reader sees. */
  text: string;
  /** Elements of this name, and with this class. */
  all: (name: string, className?: string) => Element[];
}

/** A page as a browser parses it. */
export function pageOf(source: string): Page {
  const errors: string[] = [];
  const document = parse(source, {
    onParseError: ({ code, startLine }) => errors.push(`${code} in line ${startLine}`),
  });
  const elements: Element[] = [];
  collect(document, elements);
  const classesOf = ({ attributes }: Element): string[] => (attributes['class'] ?? '').split(' ');
  return {
    errors,
    elements,
    text: elements.find(({ name }) => name === 'body')?.text ?? '',
    all: (wanted, className) =>
      elements
        .filter(({ name }) => name === wanted)
        .filter((element) => className === undefined || classesOf(element).includes(className)),
  };
}

function collect(node: Tree.Node, into: Element[]): void {
  if ('tagName' in node)
    into.push({
      name: node.tagName,
      attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])),
      text: textOf(node),
    });
  if ('childNodes' in node) for (const child of node.childNodes) collect(child, into);
}

function textOf(node: Tree.Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}
