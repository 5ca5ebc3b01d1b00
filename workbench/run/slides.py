"""A report as PowerPoint: what it found, and a slide for each chart, its title the finding."""

from io import BytesIO
from pathlib import Path
from typing import Any

from workbench.run import findings, outputs
from workbench.run.findings import Chart
from workbench.run.record import Record

_WIDE, _HIGH, _EDGE = 13.333, 7.5, 0.6  # inches of a slide
_TOP = 1.9
_TITLE_ONLY = 5  # the layout's number in the library's own template
_SCALE = 2.0
_MOST = 8  # findings on the first slide


def write(report: Path, record: Record) -> Path:
    """Write report.pptx into a report's folder and return its path.

    The slides are ordinary pictures and texts on the library's plain layout, to be copied into
    a house's own template.
    """
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(_WIDE), Inches(_HIGH)
    about = _about(record)
    notes = f"Made by the notebook {record.notebook}. {about}."
    _list(_slide(deck, record.title, about, notes=notes), findings.sentences(report, _MOST))
    for chart in findings.charts(report):
        notes = f"{chart.spec.get('description', chart.title)}. {about}."
        slide = _slide(deck, chart.title, chart.subtitle, notes=notes)
        _draw(slide, chart)
    path = report / "report.pptx"
    deck.save(str(path.with_name(".report.pptx.tmp")))
    path.with_name(".report.pptx.tmp").replace(path)
    return path


def _about(record: Record) -> str:
    days = outputs.days(record.period or "")
    said = record.passport.get("said") or f"data {record.data_version}"
    return ", ".join(filter(None, [record.retailer, days, str(said)]))


def _slide(deck: Any, title: str, below: str, *, notes: str) -> Any:
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Inches, Pt

    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    width = Inches(_WIDE - 2 * _EDGE)
    heading = slide.shapes.title
    heading.left, heading.top, heading.width, heading.height = map(Inches, (_EDGE, 0.4, 1, 0.9))
    text = slide.shapes.add_textbox(Inches(_EDGE), Inches(1.25), width, Inches(0.6))
    heading.width = width
    heading.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    for shape, said, size in ((heading, title, 24), (text, below, 14)):
        shape.text_frame.word_wrap = True
        shape.text_frame.text = said
        for paragraph in shape.text_frame.paragraphs:
            paragraph.font.size, paragraph.font.bold = Pt(size), shape is heading
            paragraph.alignment = 1  # left
    slide.notes_slide.notes_text_frame.text = notes
    return slide


def _list(slide: Any, said: list[str]) -> None:
    """Put what the report found below the title of its first slide."""
    from pptx.util import Inches, Pt

    size = map(Inches, (_EDGE, _TOP, _WIDE - 2 * _EDGE, _HIGH - _TOP - _EDGE))
    frame = slide.shapes.add_textbox(*size).text_frame
    frame.word_wrap = True
    frame.text = "\n".join(said)
    for paragraph in frame.paragraphs:
        paragraph.font.size, paragraph.space_after = Pt(18), Pt(10)


def _draw(slide: Any, chart: Chart) -> None:
    """Put the chart's picture below the title, as large as it fits."""
    from pptx.util import Inches

    picture = slide.shapes.add_picture(BytesIO(_png(chart.spec)), 0, Inches(_TOP))
    widest, highest = Inches(_WIDE - 2 * _EDGE), Inches(_HIGH - _TOP - _EDGE / 2)
    scale = min(widest / picture.width, highest / picture.height)
    picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
    picture.left = int((Inches(_WIDE) - picture.width) / 2)


def _png(spec: dict[str, Any]) -> bytes:
    import vl_convert

    drawn = {name: value for name, value in spec.items() if name not in ("title", "$schema")}
    if drawn.get("width") == "container":
        drawn["width"] = outputs.WIDTHS["full"]
    return bytes(vl_convert.vegalite_to_png(drawn, scale=_SCALE, allowed_base_urls=[]))
