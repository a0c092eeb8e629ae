export function registerModern() {}
