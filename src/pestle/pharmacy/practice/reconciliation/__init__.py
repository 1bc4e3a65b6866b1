"""Medicines reconciliation: a list that arrived is matched line by line with the practice's own, by meaning.

    letter = written(text, names)                    what each line says (`written`, `names`, `said`)
    pairs = matched(letter, listed, ...)             which lines are about the same medicine (`matching`)
    for each in proposals(pairs, ...):               what each line ends as, and who may settle it (`outcome`)

Nothing here changes a list: a person settles, and the practice's medicines list is changed by its own action.
"""
