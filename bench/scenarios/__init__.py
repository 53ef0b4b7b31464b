"""The measurements, a module for each.

- `side_by_side`: `bin/bench`, this app beside its peers
- `scale`: `bin/bench scale`, which runs the next five
- `two_processes`: a delivery when rings have to travel
- `messages_accepted`: durable messages a second; `acceptance_rate` measures them
- `reconnecting_at_once`: a thousand sockets that come back after a crash
- `room_and_group_sizes`: a delivery as rooms grow, and as there are more of them; `delivery_cost` measures it
- `one_value_changed`: a live value that many change; `watching_cost` measures it
- `open_page`: `bin/bench page`, a message on an open page in Chromium
"""
