import type { Watch } from "../../selftrain/watch.js";
import type { Context } from "../context.js";
import { escapeControls } from "../../report/escape.js";
import { startProgress, type Progress } from "../progress.js";

/** Shows a run on stderr: lines for what happens, and a bar while samples are drawn and judged. */
export function watchOn({ stderr, now }: Pick<Context, "stderr" | "now">): Watch {
  let bar: Progress | null = null;
  const say = (text: string): void => {
    bar?.clear();
    stderr.write(`${escapeControls(text)}\n`);
    bar?.tick();
  };
  return {
    say,
    begin(read) {
      const { iteration, doing, total, resumed } = read();
      // A job of somebody else's has no end that could be drawn; its states are said in lines.
      if (total === null) return () => Promise.resolve();
      const rest = resumed > 0 ? `, ${resumed} of ${total} are there already` : "";
      say(`iteration ${iteration}: ${doing}${rest}`);
      const progress = startProgress({ output: stderr, now, read });
      bar = progress;
      return () => {
        progress.stop();
        bar = null;
        return Promise.resolve();
      };
    },
  };
}
