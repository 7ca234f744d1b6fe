export interface DoctorReport {
  readonly ok: boolean;
  readonly isolation: string;
  readonly runtime: string;
  readonly checks: readonly DoctorCheck[];
}

export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly required: boolean;
  readonly detail: string;
  readonly fix: string | null;
}

export function probe(): Promise<DoctorReport> {
  return Promise.reject(new Error("not built yet"));
}
