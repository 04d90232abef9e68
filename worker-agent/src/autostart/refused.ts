/** Why the agent could not be made to start with its machine, in words for the person who asked. */
import { isErrno } from "../keeper/durable-file.ts";

export class ServiceRefused extends Error {}

/** For `.catch` of what writes `path`: a missing permission becomes words, any other error goes on. */
export function refuseWithoutPermission(path: string): (error: unknown) => never {
  return (error) => {
    const mayNot = ["EACCES", "EPERM", "EROFS"].some((code) => isErrno(error, code));
    if (!mayNot) throw error;
    throw new ServiceRefused(`${path} cannot be written by this user; run the same command as root (sudo)`, {
      cause: error,
    });
  };
}
