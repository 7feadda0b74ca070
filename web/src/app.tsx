import type { ComponentChildren } from "preact";
import { Asked } from "./Asked";
import { Bar } from "./Bar";
import { Expired } from "./common/Expired";
import { Spoken } from "./common/spoken";
import { Conflict } from "./conflict/Conflict";
import { t } from "./language/language";
import { RegionBar } from "./marrow/RegionBar";
import { Threshold } from "./marrow/Threshold";
import { open, problem, shown } from "./model/store";
import { Panel } from "./panel/Panel";
import { Rail } from "./Rail";
import { Guide } from "./tools/Guide";
import { Tour } from "./tour/Tour";
import { Layout } from "./views/Layout";
import { seriesInView } from "./views/looks";
import { Viewport } from "./views/Viewport";
import { Deck } from "./visits/Deck";
import { kept, prior } from "./visits/deck";
import { Prior } from "./visits/Prior";

export function App() {
  if (!shown.value) return <Empty />;
  const series = seriesInView.value;
  return (
    <div class="room">
      <Expired />
      <Bar />
      <Rail />
      <main class="work">
        <h1 class="hidden">{t("Reading of {id}", { id: shown.value.patient.id })}</h1>
        <Asked />
        <Conflict />
        <Guide />
        <Threshold />
        <RegionBar />
        <Layout />
        <Beside>
          <div class={`views n${series.length}`}>
            {series.map((s) => (
              <Viewport key={s.uid} series={s} />
            ))}
            {series.length === 0 && (
              <p class="calm">{t("This reading holds no pictures. Its numbers stand beside.")}</p>
            )}
          </div>
        </Beside>
        <Tour page="reading" asked={shown.value.questions.length > 0} />
        {kept && <Deck />}
      </main>
      <Panel />
      <Spoken />
    </div>
  );
}

/** The views alone, or with those of another visit beside them. */
function Beside({ children }: { children: ComponentChildren }) {
  if (!prior.value) return <>{children}</>;
  return (
    <div class="both views">
      {children}
      <Prior />
    </div>
  );
}

function Empty() {
  const said = problem.value;
  if (!said) return <p class="calm">{t("Opening the reading.")}</p>;
  return (
    <div class="calm" role="alert">
      <p>
        {said.where} {said.problem}.
      </p>
      <p>
        {said.remedy}{" "}
        <button type="button" class="ghost" onClick={() => void open()}>
          {t("Try again")}
        </button>
      </p>
    </div>
  );
}
