import type { Command } from "commander";

export function registerBench(program: Command): void {
  program
    .command("bench")
    .description("measure throughput and latency on this machine")
    .option("--json", "print one JSON object on stdout")
    .action(() => {
      process.stderr.write("assay: bench is not built yet\n");
      process.exitCode = 1;
    });
}
