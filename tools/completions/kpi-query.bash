# bash completion of kpi-query, kpi-load, kpi-server and kpi-admin.

_kpi_query() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  # Bash takes --format=csv apart at the sign.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $before in
    -f | --format) mapfile -t COMPREPLY < <(compgen -W 'table csv tsv json ndjson markdown' -- "$word"); return ;;
    -x | --expanded) mapfile -t COMPREPLY < <(compgen -W 'on off auto' -- "$word"); return ;;
    --time) mapfile -t COMPREPLY < <(compgen -W 'rfc3339 unix local' -- "$word"); return ;;
    --color) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$word"); return ;;
    --file) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --data-dir) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    -h | --host) mapfile -t COMPREPLY < <(compgen -A hostname -- "$word"; compgen -d -- "$word"); return ;;
    -p | --port | -U | --username | -d | --dbname | --timeout | --null) return ;;
  esac
  [[ $word == -* ]] || return
  mapfile -t COMPREPLY < <(compgen -W '-h --host -p --port -U --username -d --dbname --data-dir
    --timeout --file --follow -f --format --plot --spark -x --expanded --no-header --null --time
    --color --ascii --no-pager --fail-on-empty --print-config --help --version' -- "$word")
}
complete -F _kpi_query kpi-query

# The other programs' options are what their --help lists at the beginning of lines.
_kpi_options_of() {
  "$@" --help 2> /dev/null | sed -nE 's/^ +(-[a-zA-Z], ?)?(--[a-z-]+).*/\2/p'
}

_kpi_by_help() {
  local word=${COMP_WORDS[COMP_CWORD]}
  case ${COMP_WORDS[COMP_CWORD-1]} in
    --data-dir | --dir) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --config | --file | --acks) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
  esac
  [[ $word == -* ]] || return
  mapfile -t COMPREPLY < <(compgen -W "$(_kpi_options_of "$1")" -- "$word")
}
complete -o bashdefault -F _kpi_by_help kpi-load kpi-server

_kpi_admin() {
  local word=${COMP_WORDS[COMP_CWORD]} offered=
  local -a command=("${COMP_WORDS[@]:1:1}")
  [[ ${command[0]} == user || ${command[0]} == token-key || ${command[0]} == retention ]] && command+=("${COMP_WORDS[@]:2:1}")
  case ${COMP_WORDS[COMP_CWORD-1]} in
    --data-dir | --archive | --base | --from) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --out | --events | --users | --keys | --password-file)
      mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W 'csv tsv json ndjson' -- "$word"); return ;;
    --role) mapfile -t COMPREPLY < <(compgen -W 'reader admin' -- "$word"); return ;;
    --peer) mapfile -t COMPREPLY < <(compgen -u -- "$word"); return ;;
    --query) return ;;
  esac
  if ((COMP_CWORD == 1)); then
    offered='backup doctor erase export import restore retention salvage token-key user verify --help --version'
  elif ((COMP_CWORD == 2)) && [[ ${command[0]} == user || ${command[0]} == token-key ]]; then
    offered='add remove list --help'
  elif ((COMP_CWORD == 2)) && [[ ${command[0]} == retention ]]; then
    offered='show apply --help'
  elif [[ $word == -* ]]; then
    offered=$(_kpi_options_of "$1" "${command[@]}")
  fi
  mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$word")
}
complete -o bashdefault -F _kpi_admin kpi-admin
