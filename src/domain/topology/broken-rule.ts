/** A problem that only the whole file shows. `path` leads to the wrong value. */
export interface BrokenRule {
  path: (string | number)[];
  message: string;
  remedy: string;
}
