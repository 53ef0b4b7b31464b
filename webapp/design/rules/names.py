"""The names that HTML and htmx know."""

from __future__ import annotations

from typing import Final

VOID: Final = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905 - a list to read
)
"""Elements that have no end tag."""

OPEN_ENDED: Final = frozenset(
    "body caption colgroup dd dt head html li optgroup option p rp rt tbody td tfoot th thead tr".split()  # noqa: SIM905
)
"""Elements whose end tag may be left out."""

BLOCKS: Final = frozenset(
    """
    address article aside blockquote details dialog div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
    header hgroup hr main menu nav ol p pre search section table ul
    """.split()  # noqa: SIM905
)
"""Elements that end a <p>."""

ELEMENTS: Final = (
    VOID
    | OPEN_ENDED
    | BLOCKS
    | frozenset(
        """
        a abbr audio b bdi bdo button canvas cite code data datalist del dfn em i iframe ins kbd label legend map mark
        math meter noscript object output picture progress q ruby s samp script select selectedcontent slot small span
        strong style sub summary sup svg template textarea time title u var video hx-partial hx-upsert
        """.split()  # noqa: SIM905
    )
)
"""All elements, with those of htmx."""

ATTRIBUTES: Final = frozenset(
    """
    abbr accept accept-charset accesskey action allow allowfullscreen alt anchor as async autocapitalize autocomplete
    autocorrect autofocus autoplay blocking charset checked cite class closedby color cols colspan command commandfor
    content contenteditable controls coords crossorigin data datetime decoding default defer dir dirname disabled
    download draggable enctype enterkeyhint fetchpriority for form formaction formenctype formmethod formnovalidate
    formtarget headers height hidden high href hreflang http-equiv id imagesizes imagesrcset inert inputmode integrity
    is ismap itemid itemprop itemref itemscope itemtype kind label lang list loading loop low max maxlength media method
    min minlength multiple muted name nomodule nonce novalidate open optimum part pattern ping placeholder playsinline
    popover popovertarget popovertargetaction poster preload property readonly referrerpolicy rel required reversed role
    rows rowspan sandbox scope selected shape size sizes slot span spellcheck src srcdoc srclang srcset start step style
    tabindex target title translate type usemap value width wrap writingsuggestions xmlns key sort
    """.split()  # noqa: SIM905
)
"""All attributes of HTML, and those of <hx-upsert>."""

ARIA: Final = frozenset(
    f"aria-{each}"
    for each in """
    activedescendant atomic autocomplete braillelabel brailleroledescription busy checked colcount colindex
    colindextext colspan controls current describedby description details disabled errormessage expanded flowto haspopup
    hidden invalid keyshortcuts label labelledby level live modal multiline multiselectable orientation owns placeholder
    posinset pressed readonly relevant required roledescription rowcount rowindex rowindextext rowspan selected setsize
    sort valuemax valuemin valuenow valuetext
    """.split()  # noqa: SIM905
)
"""All attributes that begin with aria-."""

HTMX: Final = frozenset(
    f"hx-{each}"
    for each in """
    action boost config confirm delete disable encoding get headers history-elt ignore include indicator live method
    morph-skip morph-skip-children on optimistic patch post prefetch preload preserve push-url put query replace-url
    select select-oob status swap swap-oob sync target trigger upsert validate vals ws ws:connect ws:send sse
    sse:connect
    """.split()  # noqa: SIM905
)
"""All attributes of htmx and of its extensions."""
