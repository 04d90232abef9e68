/** Several instances in words. */
import type { Instance } from "@roundhouse/protocol/api/instance";

export function countOf(count: number): string {
  return count === 1 ? "one instance" : `${count} instances`;
}

export function namesOf(instances: readonly Instance[]): string {
  return instances.map(({ name }) => name).join(", ");
}
