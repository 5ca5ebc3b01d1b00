"""Places: stores where they are, drawn from their coordinates alone, without any map beneath."""

import math
from typing import Any

import altair as alt
import polars as pl

from workbench.show import canvas, theme, words
from workbench.show.fragment import Fragment, finding

_KM, _LEAST_KM = 111.2, 2.0
_SHAPES = [
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "stroke",
    "wedge",
]


def places(stores: pl.DataFrame, *, title: str) -> alt.LayerChart | Fragment:
    """Draw one point per store: colour and shape are its segment, the size its sales.

    `stores`: store, segment, sales, latitude and longitude (degrees; null where unknown). North is
    up, in Mercator's projection, and a bar shows the scale in the middle of the map. At most 390
    stores are drawn, the largest. Where none has coordinates a sentence says so.
    """
    known = stores.drop_nulls(["latitude", "longitude"]).sort("sales", "store", descending=True)
    if known.is_empty():
        return finding("The data does not say where the stores are, so there is no map")
    largest = known.head(canvas.MOST - 10)
    drawn = largest.with_columns(
        pl.col("segment").cast(pl.String), said=canvas.text(largest, "sales", words.money)
    )
    order = canvas.order(stores["segment"].sort())
    named: dict[str, Any] = {"field": "segment", "type": "nominal", "title": None}
    points = _at(drawn).mark_point(filled=True, opacity=0.75).encode(
        color=alt.Color(**named).scale(domain=order),
        shape=alt.Shape(**named).scale(domain=order, range=_SHAPES[: len(order)]),
        size=alt.Size(field="sales", type="quantitative", legend=None).scale(range=[40, 500]),
        tooltip=canvas.tooltip(Store="store", Area="segment", Sales="said"),
    )  # fmt: skip
    away = stores.height - drawn.height
    left_out = f"; {words.some(away, 'store')} not drawn" if away else ""
    return canvas.finish(
        alt.layer(*_scale_bar(drawn), points).project(type="mercator"),
        title=title,
        subtitle=f"Each point is a store, its size the sales{left_out}; north is up",
        alt_text=f"A map of {words.some(drawn.height, 'store')} by segment",
        height=420,
    )


def _at(frame: pl.DataFrame) -> alt.Chart:
    return alt.Chart(canvas.rows(frame)).encode(
        longitude=alt.Longitude(field="longitude", type="quantitative"),
        latitude=alt.Latitude(field="latitude", type="quantitative"),
    )


def _scale_bar(drawn: pl.DataFrame) -> list[Any]:
    """Return a bar of a round length below the stores, and the corners that leave room around."""
    up, across = drawn["latitude"].to_list(), drawn["longitude"].to_list()
    degree = _KM * math.cos(math.radians((max(up) + min(up)) / 2))
    wide = max((max(across) - min(across)) * degree, (max(up) - min(up)) * _KM, _LEAST_KM)
    power = 10 ** math.floor(math.log10(wide / 4))
    length = max(step * power for step in (1, 2, 5) if step * power <= wide / 4)
    room, west = 0.08 * wide, min(across)
    low = min(up) - room / _KM
    north, south = max(up) + room / _KM, low - room / _KM
    edges = [west - room / degree, max(across) + room / degree]
    corners = pl.DataFrame({"latitude": [south, north], "longitude": edges})
    said = {"end": west + length / degree, "said": f"{length:g} km"}
    bar = _at(pl.DataFrame({"latitude": low, "longitude": west, **said}))
    rule = bar.mark_rule(strokeWidth=2, color=theme.MUTED).encode(
        longitude2=alt.Longitude2(field="end"), latitude2=alt.Latitude2(field="latitude")
    )
    label = bar.mark_text(align="left", dy=-9, color=theme.MUTED).encode(
        text=alt.Text(field="said", type="nominal")
    )
    return [_at(corners).mark_point(opacity=0, aria=False), rule, label]
