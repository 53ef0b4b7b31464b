"""Link previews: title, description and image of the page that a message links to.

In: rows of `background_task`, which a trigger of the database makes together with each message that has a link.
Out: rows of `link_preview`, the stream `preview` in the frames of the message's room, and the images.

    feature.py      previews as the app and as the chat take them
    models.py       LinkPreview, LinkPage and LinkImage
    bindings.py     the stream `preview`
    links.py        the link of a message that gets a preview
    task.py         the background task, which loads the next ones at the first link
    previewing.py   from a message to its preview
    page_cache.py   what is known of pages, and who fetches one now
    fetching/       requests to other sites, bounded, and to public addresses only
    reading/        words and a small image from the bytes of other sites
    images.py       serves the images
    pruning.py      forgets what is not shown any more
    clock.py        the time as the tables store it
"""

from webapp.previews.feature import extension, feature

__all__ = ["extension", "feature"]
