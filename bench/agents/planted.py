FORMS = {}


def planted(d, f):
    return {}
