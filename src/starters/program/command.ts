import type { Command } from 'commander';
import type { Context } from '../context.js';

/** A command's work; returns the exit code. It is imported when the command is given: each command pays only for itself. */
export type Work = (context: Context) => Promise<number>;
/** Keeps what to do once the arguments are parsed. */
export type Run = (work: Work) => Promise<void>;
/** Adds commands to their parent. */
export type Register = (parent: Command, run: Run) => void;
