"""The service agent's side: reports of the marketplace (SOP of 14 April 2022), and what has become of a customer's token.

services, services.toml   the catalogue of the 40 service types
report                    a report, its fields, its status and where that leads
book                      reports in a file of their own
slips, token_keys         which digits a person mixes up, whose key opens a token
vending_view, attempts    what gateway and switching know of a meter's purchases
meter_view                what a virtual meter's memory says, when one can be looked into
diagnosis, findings       what happened, and what to tell the customer
"""
