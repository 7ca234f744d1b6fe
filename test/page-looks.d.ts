export function findFaintTexts(): string[];
export function measureOverflow(): number;
