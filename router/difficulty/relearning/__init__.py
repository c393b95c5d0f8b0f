"""Relearning: labels from life in, a challenger of the champion out, and whether it may take its place.

    told.py      what was said of requests → evidence, one row for each prompt of each key
    weighing.py  how much anybody's word counts: nobody carries a fit alone
    fit.py       the champion as prior: a logistic fit that is shrunk towards it
    lineage.py   what a head would have said of a prompt whose words are not known, from what another one said
    trial.py     old against new on rows held back, with intervals
    anchors.py   prompts that every head has to know its way with
    dissent.py   keys whose labels contradict those of all others
    disputes.py  places where keys disagree with one another
    gates.py     the conditions of a promotion, each with what was found
    relearn.py   all of it in order

Needs NumPy and scikit-learn, so nothing that serves imports it.
"""
