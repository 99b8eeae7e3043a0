/** A name that no other member has. Not a UUID: pages that came over plain HTTP have none to give. */
export function randomName(): string {
  return Math.random().toString(36).slice(2);
}
