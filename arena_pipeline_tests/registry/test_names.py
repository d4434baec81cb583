from arena_pipeline.registry.names import nearest


def test_the_nearest_names_are_offered() -> None:
    assert nearest("gredy", ["greedy", "random"]) == "; did you mean 'greedy'?"
    assert nearest("GREEDY", ["Greedy"]) == "; did you mean 'Greedy'?"


def test_nothing_is_offered_where_nothing_is_near() -> None:
    assert nearest("zzz", ["greedy", "random"]) == ""
    assert nearest("nobody", ["flood", "random"]) == ""
