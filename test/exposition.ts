/** Metrics by name, each with the labels that its samples have. Histograms are known by all the names they have. */
export type Exposed = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads what `/metrics` answers. */
export function readExposition(text: string): Exposed {
  const exposed = new Map<string, Set<string>>();
  for (const [, name = "", type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const names = type === "histogram" ? ["_bucket", "_sum", "_count"].map((suffix) => name + suffix) : [name];
    for (const one of names) exposed.set(one, new Set());
  }
  for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)\{(.*)\} \S+$/gm)) {
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) exposed.get(name)?.add(label);
  }
  return exposed;
}

/** Put on by whoever scrapes, not by the service. */
const TARGET_LABELS = new Set(["job", "instance", "namespace", "pod"]);
const METRIC = /\b(?:assay|nodejs|process)_[a-z0-9_]+\b/g;

/** What an expression asks for that the service does not have: names of metrics, and labels of metrics. */
export function findUnknown(expression: string, exposed: Exposed): string[] {
  const names = expression.replace(/"[^"]*"/g, '""').match(METRIC) ?? [];
  const wrong = names.filter((name) => !exposed.has(name));
  const known = new Set([...TARGET_LABELS, ...names.flatMap((name) => [...(exposed.get(name) ?? [])])]);
  const selected = [...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = ""]) =>
    [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label),
  );
  const grouped = [...expression.matchAll(/\b(?:by|on|without)\s*\(([\w, ]*)\)/g)].flatMap(([, inner = ""]) =>
    inner.split(/[, ]+/).filter((label) => label !== ""),
  );
  return [...wrong, ...[...selected, ...grouped].filter((label) => !known.has(label))];
}
