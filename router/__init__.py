"""The router decides: content in, an explained decision out.

Pure: no I/O, no clock, no network; time and the state of the fleet are arguments. Usable without the gateway.
"""
