"""The gateway's own OpenAPI document: what the data plane serves, one dialect a file. Loaded when somebody asks for it.

Schemas are as loose as the dialects are: they say what is required and checked, and leave the rest open.
"""
