import { useEffect, useRef } from "preact/hooks";
import { Frame } from "../common/Frame";
import { Spoken } from "../common/spoken";
import { t } from "../language/language";
import { Tour } from "../tour/Tour";
import { Assign } from "./Assign";
import { dropped, take } from "./arrivals";
import { Drop } from "./Drop";
import { Keys, pressed } from "./Keys";
import { Lines } from "./Lines";
import { Peek } from "./Peek";
import { filter, say, trouble, word } from "./state";
import { ToCall } from "./ToCall";
import { FILTERS } from "./words";

export function App() {
  const over = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const hover = (event: DragEvent) => {
      event.preventDefault();
      const desk = over.current?.firstElementChild;
      desk?.setAttribute("data-let-go", t("Let go to add it"));
      desk?.classList.toggle("over", event.type === "dragover");
    };
    const drop = (event: DragEvent) => {
      hover(event);
      if (event.dataTransfer) void dropped(event.dataTransfer).then(take, say);
    };
    const all = [
      ["dragover", hover],
      ["dragleave", hover],
      ["drop", drop],
      ["keydown", pressed],
    ] as [string, EventListener][];
    for (const [kind, does] of all) addEventListener(kind, does);
    return () => {
      for (const [kind, does] of all) removeEventListener(kind, does);
    };
  }, []);
  return (
    <div ref={over}>
      <Frame
        page="worklist"
        title={t("Worklist")}
        quiet
        trouble={trouble.value}
        acts={<Keys />}
        aside={
          <div class="side">
            <Peek />
            <Tour page="worklist" />
          </div>
        }
      >
        <Spoken />
        <Drop />
        <search class="tools">
          {FILTERS.map((f, i) => (
            <button
              type="button"
              key={f.name}
              class="chip"
              aria-pressed={filter.value === i}
              onClick={() => {
                filter.value = i;
              }}
            >
              {f.name}
            </button>
          ))}
          <input
            id="find"
            type="search"
            placeholder={t("Find patient or file   /")}
            aria-label={t("Find patient or file")}
            value={word.value}
            onInput={(event) => {
              word.value = event.currentTarget.value;
            }}
          />
        </search>
        <Lines />
        <ToCall />
      </Frame>
      <Assign />
    </div>
  );
}
