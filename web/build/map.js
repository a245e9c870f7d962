// Makes src/world.json: the outlines of the countries (world-atlas, Natural Earth 1:50m, public domain) with a fourteenth of their
// points, projected once (Equal Earth), and a middle for each ISO 3166 code. Run by hand when world-atlas changes.
import { readFileSync, writeFileSync } from 'node:fs';
import { geoArea, geoCentroid, geoEqualEarth, geoPath } from 'd3-geo';
import countries from 'i18n-iso-countries';
import { feature } from 'topojson-client';
import { presimplify, quantile, simplify } from 'topojson-simplify';

const topology = JSON.parse(readFileSync('node_modules/world-atlas/countries-50m.json', 'utf8'));
delete topology.objects.land;
const light = presimplify(topology);
const shapes = feature(simplify(light, quantile(light, 0.07)), topology.objects.countries).features;
// Ten units to a pixel: whole numbers, each point relative to the one before, take half the room.
const projection = geoEqualEarth().fitExtent([[20, 20], [9580, 4600]], { type: 'Sphere' });
const path = geoPath(projection).digits(0);
function relative(d) {
  let at = [0, 0];
  return d
    .split('M')
    .slice(1)
    .map((ring) => {
      const points = ring.replace('Z', '').split('L').map((p) => p.split(',').map(Number));
      let out = '';
      for (const [i, p] of points.entries()) {
        const step = [p[0] - at[0], p[1] - at[1]];
        if (i > 0 && step[0] === 0 && step[1] === 0) continue;
        // After "m" further pairs are lines; a minus sign separates as well as a comma does.
        out += (i === 0 ? 'm' : i > 1 && step[0] >= 0 ? ' ' : i === 1 ? ' ' : '') + step[0] + (step[1] < 0 ? '' : ',') + step[1];
        at = p;
      }
      // Closing goes back to the first point, from where the next ring counts.
      at = points[0];
      return out + 'z';
    })
    .join('');
}
const out = { width: 9600, height: 4620, sphere: relative(path({ type: 'Sphere' })), shapes: [], places: {} };
// The middle of the largest part: that of all of France would lie in Spain, that of the United States in Canada.
const middle = (geometry) => {
  const parts = geometry.type === 'MultiPolygon' ? geometry.coordinates.map((c) => ({ type: 'Polygon', coordinates: c })) : [geometry];
  return geoCentroid(parts.reduce((a, b) => (geoArea(b) > geoArea(a) ? b : a)));
};
for (const shape of shapes) {
  const whole = path(shape);
  if (!whole || !shape.geometry) continue;
  const d = relative(whole);
  const code = countries.numericToAlpha2(shape.id) ?? '';
  out.shapes.push([code, d]);
  if (!code) continue;
  const [x, y] = projection(middle(shape.geometry));
  out.places[code] = [Math.round(x), Math.round(y), countries.getName(code, 'en') ?? shape.properties.name];
}
out.shapes.sort((a, b) => (a[0] + a[1] < b[0] + b[1] ? -1 : 1));
out.places = Object.fromEntries(Object.entries(out.places).sort());
writeFileSync('src/world.json', JSON.stringify(out) + '\n');
console.log(`${out.shapes.length} shapes, ${JSON.stringify(out).length} bytes`);
