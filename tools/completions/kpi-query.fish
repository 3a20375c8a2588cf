# fish completion of kpi-query.
complete -c kpi-query -f
complete -c kpi-query -s h -l host -x -a '(__fish_print_hostnames)' -d 'Server, or directory of its socket'
complete -c kpi-query -s p -l port -x -d 'Port of the query socket'
complete -c kpi-query -s U -l username -x -d 'Log in as'
complete -c kpi-query -s d -l dbname -x -d Database
complete -c kpi-query -l data-dir -x -a '(__fish_complete_directories)' -d 'Read this directory, without a server'
complete -c kpi-query -l timeout -x -d 'Give up after so long a statement'
complete -c kpi-query -l file -r -F -d 'Read statements from a file'
complete -c kpi-query -l follow -d 'Print events as they are accepted'
complete -c kpi-query -s f -l format -x -a 'table csv tsv json ndjson markdown' -d 'Form of results'
complete -c kpi-query -l plot -d 'Draw a chart'
complete -c kpi-query -l spark -d 'A line for each series'
complete -c kpi-query -s x -l expanded -x -a 'on off auto' -d 'Tables with a line for each value'
complete -c kpi-query -l no-header -d 'No column names and no row count'
complete -c kpi-query -l null -x -d 'How NULL reads'
complete -c kpi-query -l time -x -a 'rfc3339 unix local' -d 'How timestamps read'
complete -c kpi-query -l color -x -a 'auto always never' -d Colours
complete -c kpi-query -l ascii -d 'No Unicode characters'
complete -c kpi-query -l no-pager -d 'Long results without a pager'
complete -c kpi-query -l fail-on-empty -d 'Exit with 1 when an answer has no rows'
complete -c kpi-query -l print-config -d 'Print every setting and where it comes from'
complete -c kpi-query -l help -d 'Print the options'
complete -c kpi-query -l version -d 'Print the version'
