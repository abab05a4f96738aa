import { InvalidArgumentError, type Command } from 'commander';
import type { Topology } from '../../contract/topology/topology.js';
import type { Choice } from '../topologies/choose.js';

export interface TopologyOptions {
  file?: string;
  json?: boolean;
}

/** `[topology]` and `-f`, as most commands take them. */
export const topologyCommand = (parent: Command, usage: string, description: string): Command =>
  withFile(parent.command(`${usage} [topology]`).description(description));

export const withFile = (command: Command): Command => command.option('-f, --file <file>', 'topology file');

export interface NamedTopologyOptions extends TopologyOptions {
  topology?: string;
}

/** For commands whose arguments are another program's: the topology is an option there. */
export const withTopologyOption = (command: Command): Command =>
  withFile(command).option('-t, --topology <name>', 'name of the topology, where several are known');

export const withJson = (command: Command): Command => command.option('--json', 'print the result as JSON on stdout');

export const withOnly = (command: Command): Command =>
  command.option('--only <leaf...>', 'work on these leaves only, and leave the others untouched');

export interface DataOptions {
  deleteData?: boolean;
}

export const withDeleteData = (command: Command): Command =>
  command.option('--delete-data', 'also delete streams that hold messages');

/** The topology as it travels, with what the user said about its data. */
export const mayDelete = (topology: Topology, { deleteData = false }: DataOptions): Topology =>
  deleteData ? { ...topology, deleteData: true } : topology;

export const choiceOf = (name: string | undefined, { file }: TopologyOptions): Choice => ({ file, name });

/** A number of days, as `60` or `60d`. */
export const days =
  (max: number) =>
  (text: string): number => {
    const value = Number(/^(\d+)d?$/.exec(text)?.[1] ?? NaN);
    if (Number.isInteger(value) && value <= max) return value;
    throw new InvalidArgumentError(`must be a number of days up to ${max}, such as 60d.`);
  };

/** A whole number from the command line. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}.`);
    return value;
  };
