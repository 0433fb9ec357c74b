// The scatter's geometry: a rectangle stands for the strategies that are drawn in it, those beyond the edge of the plot included.
import fc from 'fast-check';
import t from 'tap';
import type { BoardPoint } from '../../src/ui/api-results.ts';
import { boxOf, EDGE, HEIGHT_LEAST as HEIGHT, plotOf, rangesOf } from '../../src/ui/page/results/plot.ts';

const WIDTH = 600;
const arbitraryPoints = fc
  .array(
    fc.record({ inSample: fc.integer({ min: -900, max: 3_000 }), outOfSample: fc.integer({ min: -900, max: 900 }) }),
    {
      minLength: 1,
      maxLength: 300,
    },
  )
  .map((list) =>
    list.map(
      ({ inSample, outOfSample }) => ({ inSample: inSample / 1_000, outOfSample: outOfSample / 1_000 }) as BoardPoint,
    ),
  );
const arbitraryBox = fc
  .tuple(...[WIDTH, WIDTH, HEIGHT, HEIGHT].map((max) => fc.integer({ min: 0, max })))
  .map(([a, b, c, d]) => ({
    ...{ left: Math.min(a!, b!), right: Math.max(a!, b!) },
    ...{ top: Math.min(c!, d!), bottom: Math.max(c!, d!) },
  }));
const isIn = (value: number, { least = -Infinity, most = Infinity }) => least <= value && value <= most;

t.test('a rectangle keeps the points that are drawn in it', async () => {
  fc.assert(
    fc.property(arbitraryPoints, arbitraryBox, (points, box) => {
      const plot = plotOf(points, WIDTH, HEIGHT);
      const { inSample, outOfSample } = rangesOf(plot, box);
      return points.every((point) => {
        const [x, y] = [plot.x(point.inSample), plot.y(point.outOfSample)];
        // Whole pixels inside or outside; on the edge of the rectangle, rounding decides.
        const inside = x > box.left + 1 && x < box.right - 1 && y > box.top + 1 && y < box.bottom - 1;
        const outside = x < box.left - 1 || x > box.right + 1 || y < box.top - 1 || y > box.bottom + 1;
        const kept = isIn(point.inSample, inSample) && isIn(point.outOfSample, outOfSample);
        return kept ? !outside : !inside;
      });
    }),
  );
});

t.test('what lies beyond the plot is drawn at its edge, and a rectangle as far as there holds it', async (t) => {
  const usual = Array.from({ length: 300 }, (_, i) => ({ inSample: i / 1_000, outOfSample: i / 3_000 }) as BoardPoint);
  const plot = plotOf([...usual, { inSample: 40, outOfSample: -5 } as BoardPoint], WIDTH, HEIGHT);
  t.ok(plot.inside.to < 1, 'one that is far away does not press the rest together');
  const [right, bottom] = [WIDTH - EDGE.right, HEIGHT - EDGE.bottom];
  const corner = rangesOf(plot, { left: 300, right, top: 100, bottom });
  t.equal(corner.inSample.most, undefined);
  t.equal(corner.outOfSample.least, undefined);
  t.same(Object.values(rangesOf(plot, { left: EDGE.left, right, top: EDGE.top, bottom })), [
    { least: undefined, most: undefined },
    { least: undefined, most: undefined },
  ]);
  const drawn = boxOf(plot, corner);
  t.ok(Math.abs(drawn.left - 300) < 1 && Math.abs(drawn.top - 100) < 1, 'the filters draw the same rectangle again');
  t.same([drawn.right, drawn.bottom], [right, bottom]);
});
