from arena_pipeline.defs.progress import listening, reporter


def test_progress_reaches_whoever_listens() -> None:
    heard: list[tuple[str, int, int]] = []

    with listening(lambda asset, done, total: heard.append((asset, done, total))):
        reporter("league_matches")(3, 60)

    assert heard == [("league_matches", 3, 60)]


def test_nobody_hears_of_it_afterwards() -> None:
    heard: list[int] = []
    with listening(lambda asset, done, total: heard.append(done)):
        pass

    reporter("league_matches")(3, 60)

    assert heard == []
