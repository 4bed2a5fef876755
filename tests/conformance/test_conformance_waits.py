"""What a run on a cluster waits for is told, and so is what will never be."""

from sites import Site, finish, wait_for
from standin import StandIn


def test_an_image_that_cannot_be_pulled_is_explained(site: Site) -> None:
    image = f"registry.invalid/yule@sha256:{'1' * 64}"
    site.change("^image: .*", f"image: {image}")
    if site.stand_in:
        site.stand_in.nodes.bad_images.add(image)
    site.yule("run", "beer", "--on", "kubernetes", "--detach")
    wait_for(lambda: f"the image {image} cannot be pulled" in site.status())
    site.yule("stop", "beer")
    wait_for(lambda: not site.objects())


def test_pods_that_fit_no_node_are_explained(site: Site) -> None:
    site.change("small: {cpu: 0.5", "small: {node_selector: {yule.dev/test: none}, cpu: 0.5")
    site.yule("run", "beer", "--on", "kubernetes", "--detach")
    wait_for(lambda: "no node can take it" in site.status())
    assert "didn't match Pod's node affinity/selector" in site.status()
    site.yule("stop", "beer")
    wait_for(lambda: not site.objects())


def test_pods_that_are_never_created_are_explained(site: Site, stand_in: StandIn, local: dict[str, str]) -> None:
    command = site.start("run", "beer", "--on", "kubernetes", "--json")
    wait_for(lambda: stand_in.find_pods("driver"))
    stand_in.jobs.never_create = True
    wait_for(lambda: "its pods cannot be created" in site.status())
    stand_in.jobs.never_create = False
    finish(command)
    assert site.digests() == local
