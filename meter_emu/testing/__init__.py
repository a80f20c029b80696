"""What the pytest plugin hands out. As in the command line, here the two sides meet.

virtual_meter.py   VirtualMeter, a meter at a port, with hands on everything around it
server_thread.py   the port, served in a thread
pln_gateway.py     PlnGateway, a gateway as a process, which ends with the test run
"""
