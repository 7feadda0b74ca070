// From the frame of a landmark set to the screen and back. Only drawing: every number that is shown is the server's.

import type { Picture, Point } from "../model/types";

/** What part of the frame a view shows: `centre` lies in its middle, `scale` screen pixels to one unit. */
export interface Camera {
  centre: Point;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function toScreen(p: Point, camera: Camera, size: Size): Point {
  return [
    (p[0] - camera.centre[0]) * camera.scale + size.width / 2,
    (p[1] - camera.centre[1]) * camera.scale + size.height / 2,
  ];
}

export function toFrame(p: Point, camera: Camera, size: Size): Point {
  return [
    (p[0] - size.width / 2) / camera.scale + camera.centre[0],
    (p[1] - size.height / 2) / camera.scale + camera.centre[1],
  ];
}

/** The edges of a picture in its frame: the centre of its first pixel lies at its origin. */
export function edges(picture: Picture): Box {
  const [down, across] = picture.spacing;
  const [rows, columns] = picture.size;
  const left = picture.origin[0] - across / 2;
  const top = picture.origin[1] - down / 2;
  return { left, top, right: left + columns * across, bottom: top + rows * down };
}

/** Nearer or farther by a factor, with what lies under the cursor staying there. */
export function zoomed(camera: Camera, size: Size, at: Point, factor: number): Camera {
  const scale = Math.min(400, Math.max(0.02, camera.scale * factor));
  const under = toFrame(at, camera, size);
  return {
    scale,
    centre: [under[0] - (at[0] - size.width / 2) / scale, under[1] - (at[1] - size.height / 2) / scale],
  };
}

export function panned(camera: Camera, by: Point): Camera {
  return {
    ...camera,
    centre: [camera.centre[0] - by[0] / camera.scale, camera.centre[1] - by[1] / camera.scale],
  };
}

export function bounds(points: readonly Point[]): Box {
  const x = points.map((p) => p[0]);
  const y = points.map((p) => p[1]);
  return { left: Math.min(...x), top: Math.min(...y), right: Math.max(...x), bottom: Math.max(...y) };
}

/** A camera that shows all of a box, with a margin for the names. */
export function fitted(box: Box, size: Size, margin: number): Camera {
  const scale = Math.min(
    (size.width - 2 * margin) / (box.right - box.left),
    (size.height - 2 * margin) / (box.bottom - box.top),
  );
  return { centre: [(box.left + box.right) / 2, (box.top + box.bottom) / 2], scale: Math.max(scale, 0.02) };
}

export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

export const shifted = (points: readonly Point[], by: Point): Point[] =>
  points.map((p) => [p[0] + by[0], p[1] + by[1]]);
