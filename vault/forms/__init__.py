"""Forms as data: model, loader, answers, wording, code lists."""
