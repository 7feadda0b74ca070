// Both versions of what two readers changed at once, side by side; one is chosen of each, and none is lost.

import { bodyPath, polygon } from "../draw/body";
import { bounds, type Camera, fitted, type Size, toScreen } from "../draw/geometry";
import { COMMA, t } from "../language/language";
import { leave } from "../model/queue";
import { shown } from "../model/store";
import type { Point } from "../model/types";
import { Image } from "../views/Image";
import { inOrderOfRole, windowOf } from "../views/looks";
import { layOver, type Meeting, meetings, takeMine, takeTheirs } from "./state";
import type { ConflictItem, Made } from "./types";

export function Conflict() {
  const all = meetings.value;
  if (all.length === 0) return null;
  const clashing = all.filter((m) => (m.item?.theirs.length ?? 0) > 0);
  const free = all.filter((m) => m.item && m.item.theirs.length === 0 && !m.item.refused);
  return (
    <section class="conflict" role="alert" aria-label={t("Changed by two readers")}>
      <header>
        <p>
          <b>{t("Somebody else has changed this reading meanwhile.")}</b>{" "}
          {t(
            "It is shown as it is now; {what} kept here. Choose of each; what is not taken stays in the history.",
            { what: all.length === 1 ? t("your edit is") : t("your {all} edits are", { all: all.length }) },
          )}
        </p>
        <span class="row">
          {free.length > 0 && (
            <button type="button" class="ghost" onClick={layOver}>
              {t("Lay over {what} that {what_2} nothing of theirs", {
                what: free.length === 1 ? t("the one") : t("the {free}", { free: free.length }),
                what_2: free.length === 1 ? t("touches") : t("touch"),
              })}
            </button>
          )}
          {clashing.length > 1 && (
            <>
              <button type="button" class="ghost" onClick={() => clashing.forEach(takeMine)}>
                {t("All mine")}
              </button>
              <button type="button" class="ghost" onClick={() => clashing.forEach(takeTheirs)}>
                {t("All theirs")}
              </button>
            </>
          )}
        </span>
      </header>
      <ol>
        {all.map((m) => (
          <Card key={m.one.change.to === "edits" ? m.one.change.id : m.one.at} m={m} />
        ))}
      </ol>
    </section>
  );
}

function Card({ m }: { m: Meeting }) {
  const { item } = m;
  if (!item) return <li class="card">{t("Comparing")}</li>;
  const theirs = item.theirs;
  return (
    <li class="card" data-conflict={item.id}>
      <Both item={item} />
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="hidden">{t("What")}</span>
            </th>
            <th scope="col">
              <i class="key mine" /> {t("Mine")}
            </th>
            <th scope="col">
              <i class="key theirs" /> {theirs.length ? t("Theirs") : t("As it is now")}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t("Edit")}</th>
            <td data-side="mine">
              <Edit made={{ ...item.mine, at: m.one.at || item.mine.at }} />
            </td>
            <td data-side="theirs">
              {theirs.length
                ? theirs.map((made) => <Edit key={made.at} made={made} />)
                : t("not changed by anybody else")}
            </td>
          </tr>
          {item.numbers.map((d) => (
            <tr key={`${d.what}${d.level}${d.image}`}>
              <th scope="row">
                {[d.level, d.what].filter(Boolean).join(" ")}
                {d.image && <small>{d.image}</small>}
              </th>
              <td>{d.after || t("none")}</td>
              <td>{d.before || t("none")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {item.refused && (
        <p class="ask">{t("Yours cannot be made any more: {refused}", { refused: item.refused })}</p>
      )}
      <span class="row">
        {!item.refused && (
          <button type="button" class="ghost" onClick={() => takeMine(m)}>
            {t("Take mine")}
          </button>
        )}
        <button type="button" class="ghost" onClick={() => (item.refused ? leave(m.one) : takeTheirs(m))}>
          {item.refused ? t("Leave mine") : theirs.length ? t("Take theirs") : t("Leave it as it is")}
        </button>
      </span>
    </li>
  );
}

function Edit({ made }: { made: Made }) {
  const time = new Date(made.at);
  const when = Number.isNaN(time.getTime())
    ? ""
    : time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  return (
    <span class="edit">
      {made.words}
      <small>{[made.reader, when].filter(Boolean).join(COMMA)}</small>
    </span>
  );
}

const SIZE: Size = { width: 230, height: 170 };
const MARGIN = 26;

/** The picture with both positions: mine drawn through with diamonds, theirs dashed with circles. */
function Both({ item }: { item: ConflictItem }) {
  const all = [...item.points, ...item.their_points, ...item.outline, ...item.their_outline];
  const series = inOrderOfRole(shown.value?.series ?? []).find((s) => s.set === item.set);
  const picture = series?.pictures.find((p) => p.offset_mm === 0) ?? series?.pictures[0];
  const differ = item.outline.length > 0 || item.points.some((p, i) => !same(p, item.their_points[i]));
  if (!series || !picture || !differ || all.length === 0) return null;
  const camera: Camera = fitted(bounds(all), SIZE, MARGIN);
  const screen = (points: readonly Point[]) => points.map((p) => toScreen(p, camera, SIZE));
  const mine = screen(item.points);
  const theirs = screen(item.their_points);
  return (
    <figure class="stage" style={{ width: `${SIZE.width}px`, height: `${SIZE.height}px` }}>
      <Image
        picture={picture}
        camera={camera}
        size={SIZE}
        window={windowOf(series.uid)}
        label={t("Both versions")}
      />
      <svg class="over" width={SIZE.width} height={SIZE.height} aria-hidden="true">
        <g class="version theirs">
          <path class="halo" d={bodyPath(theirs)} />
          <path class="edge" d={bodyPath(theirs)} />
          <path class="edge" d={polygon(screen(item.their_outline))} />
          {theirs.map((p, i) => (same(p, mine[i]) ? null : <circle key={i} cx={p[0]} cy={p[1]} r={4.5} />))}
        </g>
        <g class="version mine">
          <path class="halo" d={bodyPath(mine)} />
          <path class="edge" d={bodyPath(mine)} />
          <path class="edge" d={polygon(screen(item.outline))} />
          {mine.map((p, i) =>
            same(p, theirs[i]) ? null : (
              <path key={i} class="mark" d={`M${p[0]},${p[1] - 6}l6,6l-6,6l-6,-6Z`} />
            ),
          )}
        </g>
      </svg>
    </figure>
  );
}

const same = (p: Point, q: Point | undefined): boolean =>
  q !== undefined && Math.hypot(p[0] - q[0], p[1] - q[1]) < 1e-6;
