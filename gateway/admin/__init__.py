"""Administration: the pages for people (`/docs`) and the API below `/admin/v1`. Another part of it is a file here with
a `ROUTER`, and a line in `application.py`.
"""
